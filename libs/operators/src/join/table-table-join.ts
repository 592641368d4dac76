import { assert } from '@millrace/errors'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import { defined } from '../callbacks.ts'
import { type Change, change } from '../table/change.ts'
import { noRow, type TableReader, type TableRow, type TableView } from '../table/table-view.ts'
import type { JoinKind, JoinSide, OfPair } from './join-kind.ts'

export interface TableTableJoinOptions<K, L, R, O> {
  readonly kind: JoinKind
  readonly joiner: OfPair<K, L | null, R | null, O>
  readonly left: TableReader<K, L>
  readonly right: TableReader<K, R>
}

export interface TableTableJoinSideOptions<K, L, R, O> extends TableTableJoinOptions<K, L, R, O> {
  /** Whose changes come in. */
  readonly side: JoinSide
  readonly sendsOldValues: boolean
}

/**
 * One side of a join of two tables by their key (Kafka Streams' `KTableKTableInnerJoin` and its
 * siblings): each change of the side gives a change of the result, with the timestamp of the newer
 * of the two rows (a deleted row has none).
 *
 * Where neither the change nor what it replaces has a result, nothing is sent: no tombstone goes
 * out for a key that has no result downstream (Kafka Streams repeats them). A version older than
 * the latest of its key is left out, counted as `out-of-order`.
 */
export class TableTableJoinSide<K, L, R, O> implements Processor<K, L | R | null, K, O | null> {
  readonly #options: TableTableJoinSideOptions<K, L, R, O>
  readonly #join: (left: L | null, right: R | null, key: K) => O | null
  #other: TableView<K, L | R> | undefined

  constructor(options: TableTableJoinSideOptions<K, L, R, O>) {
    this.#options = options
    this.#join = joinerOf(options)
  }

  init(context: ProcessorContext): void {
    const { side, left, right } = this.#options
    this.#other = side === 'left' ? right.open(context) : left.open(context)
  }

  process(record: Change<K, L | R>, collector: Collector<K, O | null>): void {
    if (record.isLatest === false) return collector.drop(record, 'out-of-order')
    assert(this.#other && record.oldValue !== undefined, 'a joined table knows its old values')
    const { key, oldValue, timestampMs, headers } = record
    const other = this.#other.row(key)
    const result = this.#of(record.value, other, key)
    const isOldAsked = result === null || this.#options.sendsOldValues
    const oldResult = isOldAsked ? this.#of(oldValue, other, key) : undefined
    if (result === null && oldResult === null) return
    const at = other.value === null ? timestampMs : Math.max(timestampMs, other.timestampMs)
    collector.forward(change(key, result, oldResult, at, headers))
  }

  #of(own: L | R | null, other: TableRow<L | R>, key: K): O | null {
    return this.#options.side === 'left'
      ? this.#join(own as L | null, other.value as R | null, key)
      : this.#join(other.value as L | null, own as R | null, key)
  }
}

/** The result of a join as a table that others can read, computed from both sides. */
export function joinedReader<K, L, R, O>(
  options: TableTableJoinOptions<K, L, R, O>,
): TableReader<K, O> {
  const { left, right } = options
  const join = joinerOf(options)
  return {
    stores: [...new Set([...left.stores, ...right.stores])],
    open(context) {
      const [leftView, rightView] = [left.open(context), right.open(context)]
      return {
        row(key) {
          const [leftRow, rightRow] = [leftView.row(key), rightView.row(key)]
          const value = join(leftRow.value, rightRow.value, key)
          if (value === null) return noRow
          const leftAtMs = leftRow.value === null ? -1 : leftRow.timestampMs
          const rightAtMs = rightRow.value === null ? -1 : rightRow.timestampMs
          return { value, timestampMs: Math.max(leftAtMs, rightAtMs) }
        },
      }
    },
  }
}

/** The joiner where the kind of join has a result, else null. */
function joinerOf<K, L, R, O>({
  kind,
  joiner,
}: TableTableJoinOptions<K, L, R, O>): (left: L | null, right: R | null, key: K) => O | null {
  return (left, right, key) => {
    if (left === null && (kind !== 'outer' || right === null)) return null
    if (right === null && kind === 'inner') return null
    return defined(joiner(left, right, key)) as O | null
  }
}
