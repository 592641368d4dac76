import { encodeControlBatch, RecordBatchWriter } from '@millrace/kafka'
import { expect, test } from 'vitest'
import { CommittedFilter } from './committed-filter.ts'
import { parseBatches } from './record-batches.ts'

/** A log written by two producers, 1 and 2; a capital is a marker. */
function log(...steps: readonly (readonly [producerId: number, what: string])[]): Buffer {
  let baseOffset = 0
  return Buffer.concat(
    steps.map(([producerId, what]) => {
      if (what === 'COMMIT' || what === 'ABORT') {
        const marker = what === 'COMMIT' ? 'commit' : 'abort'
        const epochs = { producerEpoch: 0, coordinatorEpoch: 0 }
        return encodeControlBatch({
          marker,
          producerId,
          ...epochs,
          timestampMs: 0,
          baseOffset: baseOffset++,
        })
      }
      const writer = new RecordBatchWriter()
      for (const letter of what) {
        writer.append(Buffer.from('\0\0\0\0'), Buffer.from(letter), 5_000_000_000, [['h', null]])
      }
      const sequence = { producerEpoch: 0, baseSequence: 0 }
      const stamp = { producerId, ...sequence, isTransactional: producerId > 0, baseOffset }
      baseOffset += what.length
      return Buffer.from(writer.finish(stamp))
    }),
  )
}

function committedOf(bytes: Buffer): { text: string; aborted: number; undecided: number } {
  const filter = new CommittedFilter()
  for (const batch of parseBatches(bytes)) filter.add(batch)
  const text = filter
    .committed()
    .map(({ value }) => String(value))
    .join('')
  return { text, aborted: filter.aborted, undecided: filter.undecided }
}

test('two producers interleave in a partition, and each is judged by its own marker', () => {
  //  1: a d COMMIT     2: b c ABORT
  const bytes = log([1, 'a'], [2, 'bc'], [1, 'd'], [2, 'ABORT'], [1, 'COMMIT'])
  expect(committedOf(bytes)).toEqual({ text: 'ad', aborted: 2, undecided: 0 })
})

test('a commit after an abort of the same producer takes only what came between', () => {
  const bytes = log([1, 'ab'], [1, 'ABORT'], [1, 'cd'], [1, 'COMMIT'])
  expect(committedOf(bytes)).toEqual({ text: 'cd', aborted: 2, undecided: 0 })
})

test('what no marker has ended is undecided, and plain records are always seen', () => {
  const bytes = log([-1, 'x'], [1, 'ab'])
  expect(committedOf(bytes)).toEqual({ text: 'x', aborted: 0, undecided: 2 })
})

test('a batch that is cut short at the end is left out', () => {
  const bytes = log([-1, 'x'], [-1, 'y'])
  expect(committedOf(bytes.subarray(0, -1)).text).toBe('x')
})
