import type { TopicPartition } from '@millrace/record'

/** As messages name it, and unambiguous as a map's key. Not for the hot path: it makes a string. */
export function partitionName(at: TopicPartition): string {
  return `${at.topic}[${at.partition}]`
}
