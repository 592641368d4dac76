import {
  BatchCursor,
  decompressBatch,
  kafkaError,
  type ListOffsetsRequest,
  type PartitionError,
} from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import type { Answer } from '../api.ts'
import { partitionErrors } from '../error-answers.ts'
import type { Topics } from '../topics/topics.ts'
import type { PartitionLog } from './partition-log.ts'

const latest = -1
const earliest = -2
const highWatermark = -1
const policyViolation = 44

/** ListOffsets v3. */
export function listOffsets(
  topics: Topics,
  nodeId: number,
  request: ListOffsetsRequest,
): Answer<'listOffsets'> {
  return request.partitions.map((wanted) => {
    const { topic, partition } = wanted
    const errorCode = leaderError(topics, nodeId, wanted)
    if (errorCode !== 0) return { topic, partition, errorCode, offset: -1, timestampMs: -1 }
    const { log } = topics.partition(wanted)!
    const isCommittedOnly = request.isolation === 'read_committed'
    const endOffset = isCommittedOnly ? log.lastStableOffset : log.endOffset
    return { topic, partition, errorCode: 0, ...locate(log, wanted.timestampMs, endOffset) }
  })
}

interface Located {
  readonly offset: number
  readonly timestampMs: number
}

function locate(log: PartitionLog, timestampMs: number, endOffset: number): Located {
  if (timestampMs === latest) return { offset: endOffset, timestampMs: -1 }
  if (timestampMs === earliest) return { offset: log.startOffset, timestampMs: -1 }
  const cursor = new BatchCursor()
  for (const batch of log.batches) {
    if (batch.baseOffset >= endOffset) break
    if (batch.maxTimestampMs < timestampMs) continue
    cursor.load(decompressBatch(batch))
    while (cursor.next()) {
      if (cursor.timestampMs < timestampMs || cursor.offset < log.startOffset) continue
      return { offset: cursor.offset, timestampMs: cursor.timestampMs }
    }
  }
  return { offset: -1, timestampMs: -1 }
}

/** DeleteRecords v0; offset -1 stands for the high watermark. */
export function deleteRecords(
  topics: Topics,
  nodeId: number,
  before: readonly (TopicPartition & { readonly offset: number })[],
): PartitionError[] {
  return before.flatMap((wanted) => {
    const { topic, partition, offset } = wanted
    const errorCode = leaderError(topics, nodeId, wanted)
    if (errorCode !== 0) return partitionErrors([wanted], errorCode)
    if (!topics.find(topic)!.isDeletable) return partitionErrors([wanted], policyViolation)
    const { log } = topics.partition(wanted)!
    const until = offset === highWatermark ? log.endOffset : offset
    if (until < 0 || until > log.endOffset) {
      return partitionErrors([wanted], kafkaError.OFFSET_OUT_OF_RANGE)
    }
    log.deleteBefore(until)
    return [{ topic, partition, errorCode: 0 }]
  })
}

function leaderError(topics: Topics, nodeId: number, at: TopicPartition): number {
  const partition = topics.partition(at)
  if (partition === undefined) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  return partition.leaderId === nodeId ? 0 : kafkaError.NOT_LEADER_OR_FOLLOWER
}
