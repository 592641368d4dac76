import type { Processor } from '@millrace/topology'
import { type Defined, defined, type OfRecord } from '../callbacks.ts'

/** A new key for each record, null allowed; value, timestamp and headers stay. */
export function selectKey<K, V, K2>(selector: OfRecord<K, V, K2>): Processor<K, V, Defined<K2>, V> {
  return {
    process(record, collector) {
      const { value, timestampMs, headers } = record
      const key = defined(selector(value, record.key, record))
      collector.forward({ key, value, timestampMs, headers })
    },
  }
}
