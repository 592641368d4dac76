import { assert } from '@millrace/errors'
import { internalSerde, type Serde } from '@millrace/record'
import type { Collector, Processor } from '@millrace/topology'
import type { Change } from '../../table/change.ts'
import { type ForeignKeyOf, foreignKeyBytes, isSameKey } from './foreign-key.ts'
import type { Response, Subscription } from './messages.ts'

export interface ForeignKeySubscriberOptions<K, V, KO> {
  readonly kind: 'inner' | 'left'
  readonly foreignKeyOf: ForeignKeyOf<K, V, KO>
  readonly keySerde: Serde<K>
  readonly foreignKeySerde: Serde<KO>
}

/** The nodes that follow it. */
const child = { subscription: 0, join: 1 } as const

/**
 * First step of a foreign-key join (KIP-213): where the own table's rows are, says to the other
 * side which foreign keys they name. A subscription to another key than before is preceded by the
 * end of the old one; an answer is wanted wherever the result may have changed.
 *
 * A row that names no foreign key, and did not before, is left out of an inner join, counted as
 * `null-foreign-key`; in a left join it goes to the join at once, with nothing to join.
 */
export class ForeignKeySubscriber<K, V, KO> implements Processor<K, V | null> {
  readonly #kind: 'inner' | 'left'
  readonly #keySerde: Serde<K>
  readonly #foreignKeySerde: Serde<KO>
  readonly #foreignKey: (value: V | null, key: K) => Buffer | null

  constructor(options: ForeignKeySubscriberOptions<K, V, KO>) {
    const { kind, foreignKeyOf, keySerde, foreignKeySerde } = options
    this.#kind = kind
    this.#keySerde = internalSerde(keySerde)
    this.#foreignKeySerde = internalSerde(foreignKeySerde)
    this.#foreignKey = foreignKeyBytes(foreignKeyOf, foreignKeySerde)
  }

  process(record: Change<K, V>, collector: Collector): void {
    const { key, value, oldValue } = record
    if (record.isLatest === false) return collector.drop(record, 'out-of-order')
    assert(oldValue !== undefined, 'a table that is joined knows its old values')
    if (value === null && oldValue === null) return
    const before = this.#foreignKey(oldValue, key)
    const after = this.#foreignKey(value, key)
    const isLeft = this.#kind === 'left'
    if (before === null && after === null && !isLeft) {
      return collector.drop(record, 'null-foreign-key')
    }
    const isAlone = isLeft && after === null && (value !== null || before === null)
    if (before !== null && !isSameKey(before, after)) {
      const wantsAnswer = after === null && !isAlone
      this.#send(record, before, { isSubscribed: false, wantsAnswer }, collector)
    }
    if (after !== null) {
      this.#send(record, after, { isSubscribed: true, wantsAnswer: true }, collector)
    } else if (isAlone) {
      const alone: Response<never> = { foreignKey: null, row: null }
      collector.forwardTo(child.join, { ...plain(record), value: alone })
    }
  }

  #send(
    record: Change<K, V>,
    foreignKey: Buffer,
    subscription: Omit<Subscription, 'primaryKey'>,
    collector: Collector,
  ): void {
    const primaryKey = this.#keySerde.serialize(record.key)
    const key = this.#foreignKeySerde.deserialize(foreignKey)
    const value: Subscription = { primaryKey, ...subscription }
    collector.forwardTo(child.subscription, { ...plain(record), key, value })
  }
}

function plain<K, V>({ key, timestampMs, headers }: Change<K, V>) {
  return { key, timestampMs, headers }
}
