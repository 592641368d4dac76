import type { Processor } from '@millrace/topology'

/**
 * Leaves out, counted as `null-key`, what no group can take: stands before the repartition topic
 * of a grouping, so that such records are not written first and dropped afterwards.
 */
export function dropNullKeys<K, V>(): Processor<K | null, V, K, V> {
  return {
    process(record, collector) {
      if (record.key === null || record.key === undefined) collector.drop(record, 'null-key')
      else collector.forward(record as typeof record & { key: K })
    },
  }
}
/** Leaves out records with a null value, counted as `null-value`. */
export function dropNullValues<K, V>(): Processor<K, V | null, K, V> {
  return {
    process(record, collector) {
      if (record.value === null || record.value === undefined) collector.drop(record, 'null-value')
      else collector.forward(record as typeof record & { value: V })
    },
  }
}
