import { describe, expect, test } from 'vitest'
import { dataBatch, marker, parsed } from '../testing/log.ts'
import { type AbortedTransaction, AbortFilter } from './abort-filter.ts'

/** The values that a reader gets, in order. */
function delivered(aborted: readonly AbortedTransaction[], ...log: readonly Buffer[]): string[] {
  const filter = new AbortFilter(aborted)
  const values: string[] = []
  for (const batch of parsed(...log)) {
    if (filter.isAborted(batch) || batch.isControl) continue
    values.push(
      ...batch.buffer.toString('latin1', batch.recordsStart, batch.recordsEnd).match(/[a-z]+\d/g)!,
    )
  }
  return values
}

function written(producerId: number, baseOffset: number, ...values: string[]): Buffer {
  return dataBatch({ producerId, baseOffset, values, isTransactional: true })
}

describe('the abort filter', () => {
  test('leaves out what an aborted transaction wrote and keeps what follows its marker', () => {
    // 0 a0 · 1 abort(7) · 2 b0 · 3 commit(7)
    const log = [
      written(7, 0, 'a0'),
      marker('abort', 7, 1),
      written(7, 2, 'b0'),
      marker('commit', 7, 3),
    ]
    expect(delivered([{ producerId: 7, firstOffset: 0 }], ...log)).toEqual(['b0'])
  })

  test('tells interleaved producers apart, whatever the order of the list', () => {
    // p7 aborts, p8 commits, p9 aborts, all three open at once
    const log = [
      written(7, 0, 'a0'),
      written(8, 1, 'b0'),
      written(9, 2, 'c0'),
      written(7, 3, 'a1'),
      marker('abort', 7, 4),
      written(8, 5, 'b1'),
      written(9, 6, 'c1'),
      marker('commit', 8, 7),
      marker('abort', 9, 8),
      written(9, 9, 'd0'),
    ]
    const aborted = [
      { producerId: 9, firstOffset: 2 },
      { producerId: 7, firstOffset: 0 },
    ]
    expect(delivered(aborted, ...log)).toEqual(['b0', 'b1', 'd0'])
    expect(delivered(aborted.toReversed(), ...log)).toEqual(['b0', 'b1', 'd0'])
  })

  test('knows both transactions where the fetch starts inside two open aborted ones', () => {
    // p7 began at 3 and p8 at 5, before the position 10
    const log = [
      written(7, 10, 'a1'),
      written(8, 11, 'b1'),
      marker('abort', 8, 12),
      written(7, 13, 'a2'),
      marker('abort', 7, 14),
    ]
    const aborted = [
      { producerId: 8, firstOffset: 5 },
      { producerId: 7, firstOffset: 3 },
    ]
    expect(delivered(aborted, ...log)).toEqual([])
  })

  test('a data record whose key is four zero bytes is no abort marker', () => {
    const lookalike = dataBatch({
      producerId: 7,
      baseOffset: 0,
      values: ['a0'],
      key: Buffer.alloc(4),
      isTransactional: true,
    })
    const log = [lookalike, written(7, 1, 'a1'), marker('abort', 7, 2)]
    expect(delivered([{ producerId: 7, firstOffset: 0 }], ...log)).toEqual([])
  })

  test('the same producer can abort twice, with a committed transaction between', () => {
    const log = [
      written(7, 0, 'a0'),
      marker('abort', 7, 1),
      written(7, 2, 'b0'),
      marker('commit', 7, 3),
      written(7, 4, 'c0'),
      marker('abort', 7, 5),
      written(7, 6, 'd0'),
    ]
    const aborted = [
      { producerId: 7, firstOffset: 4 },
      { producerId: 7, firstOffset: 0 },
    ]
    expect(delivered(aborted, ...log)).toEqual(['b0', 'd0'])
  })

  test('an aborted transaction whose marker lies beyond the answer hides everything to the end', () => {
    expect(
      delivered([{ producerId: 7, firstOffset: 0 }], written(7, 0, 'a0'), written(7, 1, 'a1')),
    ).toEqual([])
  })

  test('records outside transactions are always delivered, also of the same producer id', () => {
    const plain = dataBatch({ producerId: 7, baseOffset: 1, values: ['b0'] })
    expect(delivered([{ producerId: 7, firstOffset: 0 }], written(7, 0, 'a0'), plain)).toEqual([
      'b0',
    ])
  })

  test('a commit marker of one producer does not end the aborted transaction of another', () => {
    const log = [
      written(7, 0, 'a0'),
      written(8, 1, 'b0'),
      marker('commit', 8, 2),
      written(7, 3, 'a1'),
      marker('abort', 7, 4),
    ]
    expect(delivered([{ producerId: 7, firstOffset: 0 }], ...log)).toEqual(['b0'])
  })

  test('only an abort marker ends an aborted transaction', () => {
    const log = [written(7, 0, 'a0'), marker('commit', 7, 1), written(7, 2, 'a1')]
    expect(delivered([{ producerId: 7, firstOffset: 0 }], ...log)).toEqual([])
  })

  test('a transaction that begins inside a batch of its producer hides the batch', () => {
    // The list names the first offset of the transaction; compaction may have removed the record there.
    const compacted = dataBatch({
      producerId: 7,
      baseOffset: 3,
      values: ['a1'],
      isTransactional: true,
      lastOffset: 6,
    })
    expect(
      delivered([{ producerId: 7, firstOffset: 5 }], compacted, marker('abort', 7, 7)),
    ).toEqual([])
  })
})
