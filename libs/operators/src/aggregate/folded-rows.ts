import { MillraceError } from '@millrace/errors'
import { type Headers, noHeaders, type Record } from '@millrace/record'
import type { Row, Store } from '@millrace/store'
import type { Collector } from '@millrace/topology'
import { change } from '../table/change.ts'
import type { Fold } from './fold.ts'

export interface FoldedRowsOptions<K, V, A, R, KOut> {
  readonly store: Store<K, A>
  /** Isolated where it may change an aggregate in place (`isolatedFold`). */
  readonly fold: Fold<K, V, A, R>
  /** Every change goes out at once; else one result a row and commit, the last. */
  readonly everyUpdate: boolean
  /** Results carry what was sent before them, for the tables that are made of them. */
  readonly sendsOldValues?: boolean | undefined
  /** The key of a row's results. */
  readonly resultKey: (row: Row<K, A>) => KOut
  /** Left out: none. */
  readonly headers?: ((row: Row<K, A>) => Headers) | undefined
}

/**
 * Folds values into the rows of a store and says what goes out (Kafka Streams' timestamps: a
 * result carries the largest timestamp in its aggregate, a deletion max(record, aggregate)).
 *
 * A deleted row keeps that timestamp until the seal, for its tombstone; the next first value
 * forgets it.
 */
export class FoldedRows<K, V, A, R, KOut> {
  readonly #options: FoldedRowsOptions<K, V, A, R, KOut>
  /** What was sent last of each row changed since; null where nobody asks. */
  readonly #sent: Map<Row<K, A>, R | null> | null

  constructor(options: FoldedRowsOptions<K, V, A, R, KOut>) {
    this.#options = options
    this.#sent = options.sendsOldValues ? new Map() : null
  }

  add(row: Row<K, A>, record: Record<K, V>, collector: Collector<KOut, R | null>): void {
    const { store, fold, everyUpdate } = this.#options
    const before = row.value
    if (this.#sent !== null && !this.#sent.has(row)) this.#sent.set(row, this.#result(before))
    const after = fold.add(before, record.value, record.key, record)
    if (after === undefined) throw noAggregate(fold.operator, store.spec.name)
    // Nothing was there and nothing is: no row, and nobody to send a tombstone to.
    if (before === null && after === null) return
    if (before === null || record.timestampMs > row.timestampMs) {
      row.timestampMs = record.timestampMs
    }
    row.value = after
    store.changed(row)
    if (everyUpdate) this.#forward(row, collector)
  }

  /**
   * At the seal: the rows changed since the last one, in the order of their first change. Those made
   * and deleted in between too: a commit that was lost after its flush may have sent their value.
   */
  flush(collector: Collector<KOut, R | null>): void {
    const { store, everyUpdate } = this.#options
    for (const row of everyUpdate ? [] : store.changedRows()) this.#forward(row, collector)
    this.#sent?.clear()
  }

  #forward(row: Row<K, A>, collector: Collector<KOut, R | null>): void {
    const { resultKey, headers } = this.#options
    const key = resultKey(row)
    const value = this.#result(row.value)
    const { timestampMs } = row
    const own = headers === undefined ? noHeaders : headers(row)
    if (this.#sent === null) {
      return collector.forward({ key, value, timestampMs, headers: own })
    }
    const oldValue = this.#sent.get(row) ?? null
    this.#sent.delete(row)
    collector.forward(change(key, value, oldValue, timestampMs, own))
  }

  #result(aggregate: A | null): R | null {
    return aggregate === null ? null : this.#options.fold.result(aggregate)
  }
}

function noAggregate(operator: string, store: string): MillraceError {
  return new MillraceError('MILLRACE_OPERATORS_NO_RESULT', {
    message: `the function of ${operator} '${store}' returned undefined`,
  })
}
