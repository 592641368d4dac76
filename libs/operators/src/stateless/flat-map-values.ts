import type { Processor } from '@millrace/topology'
import { type Defined, defined, type OfRecord } from '../callbacks.ts'

/** Any number of values for each record, in order, all with its key, timestamp and headers. */
export function flatMapValues<K, V, V2>(
  mapper: OfRecord<K, V, Iterable<V2>>,
): Processor<K, V, K, Defined<V2>> {
  return {
    process(record, collector) {
      const { key, timestampMs, headers } = record
      for (const value of mapper(record.value, key, record)) {
        collector.forward({ key, value: defined(value), timestampMs, headers })
      }
    },
  }
}
