import type { FetchedPartition } from '@millrace/kafka'
import { expect, test } from 'vitest'
import { RetainedInput } from './retained-input.ts'

const at = { topic: 'in', partition: 0 }

function fetched(offset: number, nextOffset: number, sizeBytes = 10): FetchedPartition {
  const ends = { highWatermark: 100, lastStableOffset: 100, logStartOffset: 0 }
  return { ...at, batches: [], offset, nextOffset, sizeBytes, ...ends }
}

test('what is not committed is there again from any offset in it', () => {
  const retained = new RetainedInput({ maxBytes: 100 })
  const all = [fetched(0, 10), fetched(10, 20), fetched(20, 30)]
  for (const each of all) retained.take(each)
  retained.committed(at, 12)
  expect(retained.from(at, 12)).toEqual(all.slice(1))
  expect(retained.from(at, 30)).toEqual([])
  expect(retained.from(at, 31)).toBe(null)
})

test('above the bound the oldest goes, and an offset in it has to be fetched', () => {
  const retained = new RetainedInput({ maxBytes: 20 })
  for (const offset of [0, 10, 20]) retained.take(fetched(offset, offset + 10))
  expect(retained.from(at, 5)).toBe(null)
  expect(retained.from(at, 10)).toHaveLength(2)
  retained.take(fetched(30, 40, 1_000))
  expect(retained.from(at, 30)).toBe(null)
  expect(retained.from(at, 40)).toEqual([])
})

test('a fetcher that was moved begins anew', () => {
  const retained = new RetainedInput({ maxBytes: 100 })
  retained.take(fetched(0, 10))
  retained.take(fetched(50, 60))
  expect(retained.from(at, 0)).toBe(null)
  expect(retained.from(at, 50)).toHaveLength(1)
  retained.forget(at)
  expect(retained.from(at, 60)).toBe(null)
})
