import type { RestoreProgress } from '@millrace/runtime'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'

const intervalMs = 1_000

/** Tells of each store of each task that restores: at most once a second, and when it is done. */
export function restoreLog(logger: Logger, clock: Clock): (progress: RestoreProgress) => void {
  const toldAtMs = new Map<string, number>()
  return ({ task, store, restoredRecords, remainingRecords }) => {
    const id = `${task}/${store}`
    const nowMs = clock.monotonicMs()
    const isDone = remainingRecords === 0
    if (!isDone && nowMs - (toldAtMs.get(id) ?? Number.NEGATIVE_INFINITY) < intervalMs) return
    if (isDone) toldAtMs.delete(id)
    else toldAtMs.set(id, nowMs)
    const fields = { task, store, restoredRecords, remainingRecords }
    logger.info(fields, isDone ? 'restored from the changelog' : 'restoring from the changelog')
  }
}
