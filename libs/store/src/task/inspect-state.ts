import { MillraceError } from '@millrace/errors'
import type { StateBackend } from '../backend.ts'
import { positionsKey, rowRange } from '../layout.ts'
import { decodePositions, type Positions } from './positions.ts'
import { type RecordedStore, readIdentity, type TaskIdentity } from './task-identity.ts'

/** What the state of one task holds, told from outside of it. */
export interface StateReport extends TaskIdentity {
  readonly positions: Positions
  readonly stores: readonly (RecordedStore & {
    readonly name: string
    readonly rows: number
    /** Keys and values as they lie in the store, before compression. */
    readonly sizeBytes: number
  })[]
}

/**
 * Reads a whole backend; `undefined` where nothing was committed to it yet. Rejects with
 * `MILLRACE_STORE_CORRUPT` or `MILLRACE_STORE_VERSION` where it cannot be understood.
 */
export async function inspectState(backend: StateBackend): Promise<StateReport | undefined> {
  const recorded = await readIdentity(backend)
  if (recorded === undefined) return undefined
  const bytes = backend.getSync(positionsKey)
  if (bytes === undefined) {
    throw new MillraceError('MILLRACE_STORE_CORRUPT', {
      message: `${backend.location} does not say how far its state goes`,
    })
  }
  const { stores, ...identity } = recorded
  const reports = []
  for (const [name, store] of stores) {
    let [rows, sizeBytes] = [0, 0]
    for await (const [key, value] of backend.entries(rowRange(store.id))) {
      rows++
      sizeBytes += key.length + value.length
    }
    reports.push({ name, ...store, rows, sizeBytes })
  }
  return { ...identity, positions: decodePositions(bytes, backend.location), stores: reports }
}
