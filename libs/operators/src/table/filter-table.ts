import type { Processor } from '@millrace/topology'
import { type Change, changeWith, type OfRow } from './change.ts'

/**
 * The rows for which the predicate holds. A row that no longer passes is deleted downstream; where
 * it never passed, nothing is sent, provided that the table knows its old values (Kafka Streams'
 * `KTableFilter`).
 */
export function filterTable<K, V>(
  predicate: OfRow<K, V, boolean>,
): Processor<K, V | null, K, V | null> {
  const passing = (value: V | null, key: K) =>
    value !== null && predicate(value, key) ? value : null
  return {
    process(record: Change<K, V>, collector) {
      const { key } = record
      const value = passing(record.value, key)
      const oldValue = record.oldValue === undefined ? undefined : passing(record.oldValue, key)
      if (value === null && oldValue === null) return
      collector.forward(changeWith(record, value, oldValue))
    },
  }
}
