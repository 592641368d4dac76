import type { Headers } from '@millrace/record'
import type { JoinSide } from './join-kind.ts'

/** A record of one side of a join, kept to be found by those of the other. */
export interface JoinRow<V> {
  readonly timestampMs: number
  readonly value: V
  /** Its own headers, for its result without a match; null where that will never be. */
  headers: Headers | null
}

/** The rows of one key in one bucket of time, each side by timestamp and then arrival. */
export interface JoinRows<L, R> {
  readonly left: JoinRow<L>[]
  readonly right: JoinRow<R>[]
}

export function noRows<L, R>(): JoinRows<L, R> {
  return { left: [], right: [] }
}

export function rowsOf<L, R>(rows: JoinRows<L, R>, side: JoinSide): JoinRow<L | R>[] {
  return rows[side]
}

/** Behind the rows that are as old. */
export function insertRow<V>(rows: JoinRow<V>[], row: JoinRow<V>): void {
  let at = rows.length
  while (at > 0 && (rows[at - 1] as JoinRow<V>).timestampMs > row.timestampMs) at--
  if (at === rows.length) rows.push(row)
  else rows.splice(at, 0, row)
}

/** Index of the first row at or behind a time. */
export function firstAt<V>(rows: readonly JoinRow<V>[], timestampMs: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle] as JoinRow<V>).timestampMs < timestampMs) low = middle + 1
    else high = middle
  }
  return low
}
