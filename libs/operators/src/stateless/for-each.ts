import type { Processor } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

/** Shows each record to a function; nothing goes on. */
export function forEach<K, V>(take: OfRecord<K, V, void>): Processor<K, V, never, never> {
  return {
    process(record) {
      take(record.value, record.key, record)
    },
  }
}
