import { internalSerde, type Record, type Serde } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { JoinWindows } from '@millrace/time'
import type { Collector, OperatorTime, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import { type Defined, defined } from '../callbacks.ts'
import { isPreserved, type JoinKind, type JoinSide, type OfPair } from './join-kind.ts'
import { firstAt, insertRow, type JoinRow, type JoinRows, noRows, rowsOf } from './join-rows.ts'
import { UnmatchedRows } from './unmatched-rows.ts'

export interface StreamStreamJoinOptions<K, L, R, O> {
  readonly kind: JoinKind
  readonly windows: JoinWindows
  readonly joiner: OfPair<K, L | null, R | null, O>
  readonly storeName: string
  /** The agendas (`agendaStore`) of the preserved sides. */
  readonly unmatchedNames: { readonly [S in JoinSide]?: string }
}

/** Width of the buckets in which the rows of a key are kept: some four to a window. */
export function joinBucketMs({ beforeMs, afterMs, retentionMs }: JoinWindows): number {
  return Math.max(1, Math.ceil((beforeMs + afterMs) / 4), Math.ceil(retentionMs / 1_000))
}

/**
 * What the two sides of a join of streams share in a task: the rows of both, one stream time, and
 * the rows that wait for a match. See `StreamStreamJoinSide`.
 */
export class StreamStreamJoin<K, L, R, O> {
  readonly time: OperatorTime
  readonly #options: StreamStreamJoinOptions<K, L, R, O>
  readonly #store: Store<K, JoinRows<L, R>>
  readonly #keySerde: Serde<unknown>
  readonly #unmatched: UnmatchedRows
  readonly #bucketMs: number
  /** Starts of buckets up to here have been told to the store as past. */
  #expiredThroughMs = -1

  constructor(options: StreamStreamJoinOptions<K, L, R, O>, context: ProcessorContext) {
    const { storeName, windows, unmatchedNames } = options
    this.#options = options
    this.#store = context.store(storeName)
    this.time = context.time(storeName)
    this.#keySerde = internalSerde(this.#store.spec.keySerde)
    this.#bucketMs = joinBucketMs(windows)
    const sides = (['left', 'right'] as const).flatMap((side) => {
      const name = unmatchedNames[side]
      if (name === undefined) return []
      const { openForMs } = windows[side]
      return [{ side, openForMs, agenda: new Agenda(context.store(name), bucketMsFor(openForMs)) }]
    })
    this.#unmatched = new UnmatchedRows(sides)
  }

  /** Gives every row that is closed by now and has no match its result, and lets go what is past. */
  advance(streamTimeMs: number, collector: Collector<K, Defined<O>>): void {
    for (;;) {
      const due = this.#unmatched.next(streamTimeMs)
      if (due === undefined) break
      const key = this.#keySerde.deserialize(due.key) as K
      this.#finalise(key, due.side, due.timestampMs, collector)
    }
    const { retentionMs } = this.#options.windows
    const past = streamTimeMs - retentionMs - this.#bucketMs
    if (past < this.#expiredThroughMs + this.#bucketMs) return
    this.#expiredThroughMs = past - (past % this.#bucketMs)
    this.#store.expireThrough(this.#expiredThroughMs)
  }

  /** Joins an open row with those of the other side and keeps it; whether there was a match. */
  add(side: JoinSide, key: K, record: Record<unknown, L | R>, collector: Collector<K, Defined<O>>) {
    const matches = this.#matches(side, key, record)
    const isWaiting = matches.length === 0 && isPreserved(this.#options.kind, side)
    this.#keep(side, key, record, isWaiting)
    for (const { result, timestampMs } of matches) {
      collector.forward({ key, value: result, timestampMs, headers: record.headers })
    }
  }

  /** The result of a row that has no match. */
  alone(side: JoinSide, key: K, value: L | R): Defined<O> {
    return this.#joined(side, key, value, null)
  }

  /** At the seal of a commit. */
  save(): void {
    this.#unmatched.save()
  }

  /** Every result is computed before a row is touched: a joiner that throws changes nothing. */
  #matches(side: JoinSide, key: K, { timestampMs, value }: Record<unknown, L | R>): Match<O>[] {
    const { backMs, aheadMs } = this.#options.windows[side]
    const other = side === 'left' ? 'right' : 'left'
    const from = Math.max(0, timestampMs - backMs)
    const through = timestampMs + aheadMs
    const matches: Match<O>[] = []
    const touched: [row: JoinRow<L | R>, bucketMs: number][] = []
    for (let bucket = this.#bucketOf(from); bucket <= through; bucket += this.#bucketMs) {
      // Most buckets are empty: a look that keeps nothing in memory comes first.
      if (this.#store.read(key, bucket) === undefined) continue
      const { value: stored } = this.#store.row(key, bucket)
      const rows = rowsOf(stored as JoinRows<L, R>, other)
      for (let at = firstAt(rows, from); at < rows.length; at++) {
        const row = rows[at] as JoinRow<L | R>
        if (row.timestampMs > through) break
        const result = this.#joined(side, key, value, row.value)
        matches.push({ result, timestampMs: Math.max(timestampMs, row.timestampMs) })
        if (row.headers !== null) touched.push([row, bucket])
      }
    }
    for (const [row, bucket] of touched) {
      row.headers = null
      this.#store.changed(this.#store.row(key, bucket))
    }
    return matches
  }

  #keep(side: JoinSide, key: K, record: Record<unknown, L | R>, isWaiting: boolean): void {
    const { timestampMs, value, headers } = record
    const stored = this.#store.row(key, this.#bucketOf(timestampMs))
    stored.value ??= noRows()
    insertRow(rowsOf(stored.value, side), {
      timestampMs,
      value,
      headers: isWaiting ? headers : null,
    })
    stored.timestampMs = Math.max(stored.timestampMs, timestampMs)
    this.#store.changed(stored)
    if (isWaiting) this.#unmatched.add(side, timestampMs, this.#keySerde.serialize(key))
  }

  /** A row that had its result without a match never matches afterwards: it leaves. */
  #finalise(
    key: K,
    side: JoinSide,
    timestampMs: number,
    collector: Collector<K, Defined<O>>,
  ): void {
    const stored = this.#store.row(key, this.#bucketOf(timestampMs))
    if (stored.value === null) return
    const rows = rowsOf(stored.value, side)
    for (let at = firstAt(rows, timestampMs); rows[at]?.timestampMs === timestampMs; ) {
      const { value, headers } = rows[at] as JoinRow<L | R>
      if (headers === null) {
        at++
        continue
      }
      rows.splice(at, 1)
      this.#store.changed(stored)
      collector.release(key, timestampMs, () =>
        collector.forward({ key, value: this.alone(side, key, value), timestampMs, headers }),
      )
    }
    if (stored.value.left.length + stored.value.right.length === 0) stored.value = null
  }

  #joined(side: JoinSide, key: K, own: L | R, other: L | R | null): Defined<O> {
    const { joiner } = this.#options
    return defined(
      side === 'left'
        ? joiner(own as L, other as R | null, key)
        : joiner(other as L | null, own as R, key),
    )
  }

  #bucketOf(timestampMs: number): number {
    return timestampMs - (timestampMs % this.#bucketMs)
  }
}

interface Match<O> {
  readonly result: Defined<O>
  readonly timestampMs: number
}
