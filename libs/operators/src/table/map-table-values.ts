import type { Processor } from '@millrace/topology'
import { defined } from '../callbacks.ts'
import { type Change, changeWith, type OfRow } from './change.ts'

/** The rows with other values; the function sees no deletions (Kafka Streams' `KTableMapValues`). */
export function mapTableValues<K, V, V2>(
  mapper: OfRow<K, V, V2>,
): Processor<K, V | null, K, V2 | null> {
  const mapped = (value: V | null, key: K) =>
    value === null ? null : (defined(mapper(value, key)) as V2 | null)
  return {
    process(record: Change<K, V>, collector) {
      const { key, oldValue } = record
      const old = oldValue === undefined ? undefined : mapped(oldValue, key)
      collector.forward(changeWith(record, mapped(record.value, key), old))
    },
  }
}
