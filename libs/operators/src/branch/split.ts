import type { Processor } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

export interface SplitOptions<K, V> {
  /** One a child, in the order of the node's children. */
  readonly predicates: readonly OfRecord<K, V, boolean>[]
  /** Whether a last child takes what no predicate takes. */
  readonly hasOtherwise: boolean
}

/**
 * Sends each record to the first child whose predicate holds, and to that one only
 * (`KStreamBranch`); what none takes goes to the last child, or nowhere.
 */
export function split<K, V>({
  predicates,
  hasOtherwise,
}: SplitOptions<K, V>): Processor<K, V, K, V> {
  return {
    process(record, collector) {
      for (let child = 0; child < predicates.length; child++) {
        if (!predicates[child]?.(record.value, record.key, record)) continue
        collector.forwardTo(child, record)
        return
      }
      if (hasOtherwise) collector.forwardTo(predicates.length, record)
    },
  }
}
