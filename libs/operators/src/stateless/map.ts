import type { Processor } from '@millrace/topology'
import { type Defined, defined, type KeyValue, type OfRecord } from '../callbacks.ts'

/** A new key and value for each record; timestamp and headers stay (`KStreamMap`). */
export function map<K, V, K2, V2>(
  mapper: OfRecord<K, V, KeyValue<K2, V2>>,
): Processor<K, V, Defined<K2>, Defined<V2>> {
  return {
    process(record, collector) {
      const { timestampMs, headers } = record
      const { key, value } = mapper(record.value, record.key, record)
      collector.forward({ key: defined(key), value: defined(value), timestampMs, headers })
    },
  }
}
