import type { Processor } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

/** Lets through the records for which the predicate does not hold. */
export function filterNot<K, V>(predicate: OfRecord<K, V, boolean>): Processor<K, V, K, V> {
  return {
    process(record, collector) {
      if (!predicate(record.value, record.key, record)) collector.forward(record)
    },
  }
}
