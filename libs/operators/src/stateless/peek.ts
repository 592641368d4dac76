import type { Processor } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

/** Shows each record to a function and passes it on as it is. */
export function peek<K, V>(look: OfRecord<K, V, void>): Processor<K, V, K, V> {
  return {
    process(record, collector) {
      look(record.value, record.key, record)
      collector.forward(record)
    },
  }
}
