import { isMillraceError } from '@millrace/errors'
import type { StateBackend } from '@millrace/store'
import type { Logger } from '@millrace/telemetry'
import type { StateBackends } from '../restore/state-backends.ts'

/** The name of the backend that belongs to the process and not to a task. */
export const processBackend = 'process'

/**
 * Opens the process' own backend. A kill releases it; while another process has it open this rejects
 * with `MILLRACE_STORE_LOCKED`. Damaged, it is made anew: what it held can be told again.
 */
export async function openProcessBackend(
  backends: StateBackends,
  logger: Logger,
): Promise<StateBackend> {
  try {
    return await backends.open(processBackend)
  } catch (error) {
    if (!isMillraceError(error) || error.recovery !== 'restore-task') throw error
    logger.warn({ err: error }, 'what is kept beside the state cannot be read; it is made anew')
    await backends.destroy(processBackend)
    return backends.open(processBackend)
  }
}
