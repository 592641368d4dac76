import type { Processor } from '@millrace/topology'
import { type Defined, defined, type OfRecord } from '../callbacks.ts'

/** A new value for each record, null included; key, timestamp and headers stay. */
export function mapValues<K, V, V2>(mapper: OfRecord<K, V, V2>): Processor<K, V, K, Defined<V2>> {
  return {
    process(record, collector) {
      const { key, timestampMs, headers } = record
      const value = defined(mapper(record.value, key, record))
      collector.forward({ key, value, timestampMs, headers })
    },
  }
}
