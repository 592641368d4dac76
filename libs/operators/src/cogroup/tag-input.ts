import type { Processor } from '@millrace/topology'
import type { Tagged } from './tagged.ts'

/** Says of each record which input it came by; one without a value stays without. */
export function tagInput<K, V>(input: number): Processor<K, V | null, K, Tagged<K, V> | null> {
  return {
    process(record, collector) {
      const { key, value, timestampMs, headers } = record
      const isEmpty = value === null || value === undefined
      const tagged = isEmpty ? null : { input, record: record as typeof record & { value: V } }
      collector.forward({ key, value: tagged, timestampMs, headers })
    },
  }
}
