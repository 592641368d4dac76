import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'

export interface RefusedTimestampsOptions extends TopicPartition {
  readonly message: string
  /** Of the records that the broker named, in their order in the batch; at least one. */
  readonly timestampsMs: readonly number[]
}

/**
 * `MILLRACE_KAFKA_RECORD_REFUSED` of a whole batch, because the broker's clock says that some of its
 * records are too far ahead or too old. Says which they are: the others are as good as before.
 */
export class RefusedTimestamps extends MillraceError implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly timestampsMs: readonly number[]

  constructor({ topic, partition, timestampsMs, message }: RefusedTimestampsOptions) {
    super('MILLRACE_KAFKA_RECORD_REFUSED', { message })
    this.topic = topic
    this.partition = partition
    this.timestampsMs = timestampsMs
  }
}
