import type { Processor } from '@millrace/topology'
import { type Defined, defined, type KeyValue, type OfRecord } from '../callbacks.ts'

/** Any number of keys and values for each record, in order, all with its timestamp and headers. */
export function flatMap<K, V, K2, V2>(
  mapper: OfRecord<K, V, Iterable<KeyValue<K2, V2>>>,
): Processor<K, V, Defined<K2>, Defined<V2>> {
  return {
    process(record, collector) {
      const { timestampMs, headers } = record
      for (const { key, value } of mapper(record.value, record.key, record)) {
        collector.forward({ key: defined(key), value: defined(value), timestampMs, headers })
      }
    },
  }
}
