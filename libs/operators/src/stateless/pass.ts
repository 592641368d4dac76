import type { Processor } from '@millrace/topology'

/** Passes each record on as it is: the head of a branch. */
export function pass<K, V>(): Processor<K, V, K, V> {
  return {
    process(record, collector) {
      collector.forward(record)
    },
  }
}
