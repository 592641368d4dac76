import { assert } from '@millrace/errors'
import { identityOf, type Record, type Serde } from '@millrace/record'
import type { Processor } from '@millrace/topology'
import type { KeyValue } from '../callbacks.ts'
import type { Change, OfRow } from './change.ts'
import type { ValuePair } from './value-pair.ts'

/**
 * Turns each change of a table into changes of groups (Kafka Streams' `KTableRepartitionMap`): one
 * where the row stays in its group, else first one that takes it out of the old group, then one
 * that adds it to the new. A row whose group or value is null belongs to no group; a version older
 * than the latest of its key changes no group.
 */
export function regroupTable<K, V, K2, V2>(
  selector: OfRow<K, V, KeyValue<K2, V2>>,
  groupSerde: Serde<NonNullable<K2>>,
): Processor<K, V | null, NonNullable<K2>, ValuePair<NonNullable<V2>>> {
  type Member = KeyValue<NonNullable<K2>, NonNullable<V2>>
  const memberOf = (value: V | null, key: K): Member | null => {
    if (value === null) return null
    const selected = selector(value, key)
    return selected.key == null || selected.value == null ? null : (selected as Member)
  }
  return {
    process(record: Change<K, V>, collector) {
      if (record.isLatest === false) return
      const { key, oldValue, timestampMs, headers } = record
      assert(oldValue !== undefined, 'a table that is grouped knows its old values')
      const before = memberOf(oldValue, key)
      const after = memberOf(record.value, key)
      const forward = (group: NonNullable<K2>, value: ValuePair<NonNullable<V2>>) => {
        const change: Record<typeof group, typeof value> = {
          key: group,
          value,
          timestampMs,
          headers,
        }
        collector.forward(change)
      }
      if (before !== null && after !== null && isSame(before.key, after.key)) {
        return forward(after.key, { newValue: after.value, oldValue: before.value })
      }
      if (before !== null) forward(before.key, { newValue: null, oldValue: before.value })
      if (after !== null) forward(after.key, { newValue: after.value, oldValue: null })
    },
  }

  function isSame(left: NonNullable<K2>, right: NonNullable<K2>): boolean {
    return left === right || identityOf(groupSerde, left) === identityOf(groupSerde, right)
  }
}
