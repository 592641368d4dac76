import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordBatch } from '../../wire/record-batch.ts'
import { dataBatch, marker, parsed } from '../testing/log.ts'
import { AbortFilter } from './abort-filter.ts'

type Outcome = 'abort' | 'commit'

/** One thing that happens in the log; `p` is one of three producers. */
type Event =
  | { readonly kind: 'write'; readonly p: number }
  | { readonly kind: 'plain' }
  | { readonly kind: 'end'; readonly p: number; readonly outcome: Outcome }

interface Transaction {
  readonly producerId: number
  readonly firstOffset: number
  outcome: Outcome | null
  lastOffset: number
}

interface Written {
  readonly batches: readonly RecordBatch[]
  readonly transactions: readonly Transaction[]
  /** The transaction that each data batch belongs to, by offset; none for records outside of one. */
  readonly owners: ReadonlyMap<number, Transaction>
}

/** Writes the log one offset after the other, and ends at last what is still open. */
function write(events: readonly Event[]): Written {
  const log: Buffer[] = []
  const transactions: Transaction[] = []
  const owners = new Map<number, Transaction>()
  const open = new Map<number, Transaction>()
  const end = (p: number, outcome: Outcome) => {
    const transaction = open.get(p)
    if (transaction === undefined) return
    open.delete(p)
    transaction.outcome = outcome
    transaction.lastOffset = log.length
    log.push(marker(outcome, p, log.length))
  }
  for (const event of events) {
    const offset = log.length
    if (event.kind === 'end') end(event.p, event.outcome)
    else if (event.kind === 'plain') log.push(dataBatch({ baseOffset: offset, values: ['v'] }))
    else {
      const known = open.get(event.p)
      const transaction = known ?? {
        producerId: event.p,
        firstOffset: offset,
        outcome: null,
        lastOffset: -1,
      }
      if (known === undefined) transactions.push(transaction)
      open.set(event.p, transaction)
      owners.set(offset, transaction)
      const data = { baseOffset: offset, values: ['v'], key: Buffer.alloc(4), producerId: event.p }
      log.push(dataBatch({ ...data, isTransactional: true }))
    }
  }
  for (const p of open.keys()) end(p, 'abort')
  return { batches: parsed(...log), transactions, owners }
}

const producer = fc.integer({ min: 7, max: 9 })
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), p: producer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('plain' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      p: producer,
      outcome: fc.constantFrom('abort' as const, 'commit' as const),
    }),
  },
)

test('whatever part of a log is fetched, exactly the records of aborted transactions are left out', () => {
  const log = fc.array(event, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(log, fc.nat(), fc.nat(), fc.infiniteStream(fc.nat()), (events, a, b, chance) => {
      const { batches, transactions, owners } = write(events)
      const from = a % (batches.length + 1)
      const to = from + (b % (batches.length + 1 - from))
      // As a broker answers: every aborted transaction that reaches into the part, in any order.
      const aborted = transactions
        .filter((t) => t.outcome === 'abort' && t.lastOffset >= from && t.firstOffset < to)
        .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
        .map((transaction) => ({ transaction, at: chance.next().value }))
        .toSorted((x, y) => x.at - y.at)
        .map(({ transaction }) => transaction)
      const filter = new AbortFilter(aborted)
      const delivered = batches
        .slice(from, to)
        .filter((batch) => !filter.isAborted(batch) && !batch.isControl)
      const expected = batches
        .slice(from, to)
        .filter((batch) => !batch.isControl && owners.get(batch.baseOffset)?.outcome !== 'abort')
      expect(delivered.map(({ baseOffset }) => baseOffset)).toEqual(
        expected.map(({ baseOffset }) => baseOffset),
      )
    }),
    { numRuns: 500 },
  )
})
