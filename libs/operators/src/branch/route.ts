import { MillraceError } from '@millrace/errors'
import type { Processor } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

/**
 * Sends each record to the child that stands for the topic that the function names. A topic that is
 * not among them is an error of the record (`MILLRACE_OPERATORS_ROUTE`).
 */
export function route<K, V>(
  topicOf: OfRecord<K, V, string>,
  topics: readonly string[],
): Processor<K, V, K, V> {
  const children = new Map(topics.map((topic, child) => [topic, child]))
  return {
    process(record, collector) {
      const topic = topicOf(record.value, record.key, record)
      const child = children.get(topic)
      if (child === undefined) {
        throw new MillraceError('MILLRACE_OPERATORS_ROUTE', {
          message: `the record is to go to '${topic}', which is none of ${topics.join(', ')}`,
        })
      }
      collector.forwardTo(child, record)
    },
  }
}
