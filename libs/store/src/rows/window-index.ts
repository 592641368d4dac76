import type { KeyRange, StateBackend } from '../backend.ts'
import { parseRowKey, rowKey, rowRange } from '../layout.ts'

const noKey = Buffer.alloc(0)

/**
 * Finds the distinct window starts of a store, smallest first, by seeking from one to the next:
 * the cost is the number of windows, not of rows. A key-value store has `noWindow`, or nothing
 * where it is empty.
 */
export async function findWindowStarts(
  backend: StateBackend,
  storeId: number,
  isWindowed: boolean,
): Promise<Set<number>> {
  const starts = new Set<number>()
  const { gte, lt } = rowRange(storeId)
  for (let from = gte; ; ) {
    const first = await firstKey(backend, { gte: from, lt })
    if (first === undefined) return starts
    const { windowStartMs } = parseRowKey(first, isWindowed)
    starts.add(windowStartMs)
    if (!isWindowed) return starts
    from = rowKey(storeId, windowStartMs + 1, noKey)
  }
}

async function firstKey(backend: StateBackend, range: KeyRange): Promise<Buffer | undefined> {
  for await (const key of backend.keys({ ...range, limit: 1 })) return key
  return undefined
}
