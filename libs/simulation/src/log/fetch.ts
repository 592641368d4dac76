import { type FetchAnswer, type FetchRequest, kafkaError } from '@millrace/kafka'
import { fetchError } from '../error-answers.ts'
import type { Timers } from '../timers.ts'
import type { Topics } from '../topics/topics.ts'
import type { PartitionLog } from './partition-log.ts'
import { abortedIn, readBatches } from './read-batches.ts'

type Wanted = FetchRequest['partitions'][number]
type PartitionAnswer = FetchAnswer['partitions'][number]

/**
 * Fetch v11 without a session: answers at once where there are `minBytes` or an error, else when
 * they have come, at the latest after `maxWaitMs`.
 */
export function fetch(
  topics: Topics,
  timers: Timers,
  nodeId: number,
  request: FetchRequest,
): FetchAnswer | Promise<FetchAnswer> {
  const answer = read(topics, nodeId, request)
  if (request.maxWaitMs <= 0 || isDue(answer, request)) return answer
  return new Promise((resolve) => {
    const finish = (last: FetchAnswer): void => {
      cancel()
      for (const unwatch of unwatches) unwatch()
      resolve(last)
    }
    const onChange = (): void => {
      const again = read(topics, nodeId, request)
      if (isDue(again, request)) finish(again)
    }
    const cancel = timers.set(request.maxWaitMs, () => finish(read(topics, nodeId, request)))
    const unwatches = request.partitions.map((at) => topics.partition(at)!.log.watch(onChange))
  })
}

function isDue(answer: FetchAnswer, request: FetchRequest): boolean {
  let sizeBytes = 0
  for (const partition of answer.partitions) {
    if (partition.errorCode !== 0) return true
    sizeBytes += partition.records.length
  }
  return sizeBytes >= request.minBytes || answer.partitions.length === 0
}

function read(topics: Topics, nodeId: number, request: FetchRequest): FetchAnswer {
  let bytesLeft = request.maxBytes
  let isFirst = true
  const partitions = request.partitions.map((wanted) => {
    const answer = readPartition(topics, nodeId, request, wanted, bytesLeft, isFirst)
    bytesLeft -= answer.records.length
    if (answer.records.length > 0) isFirst = false
    return answer
  })
  return { errorCode: 0, partitions }
}

function readPartition(
  topics: Topics,
  nodeId: number,
  request: FetchRequest,
  wanted: Wanted,
  bytesLeft: number,
  isFirst: boolean,
): PartitionAnswer {
  const partition = topics.partition(wanted)
  if (partition === undefined) return fetchError(wanted, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  if (partition.leaderId !== nodeId) return fetchError(wanted, kafkaError.NOT_LEADER_OR_FOLLOWER)
  // KIP-320: a reader whose leader is not the present one is not answered from this log.
  const { leaderEpoch = -1 } = wanted
  if (leaderEpoch >= 0 && leaderEpoch !== partition.leaderEpoch) {
    const isOld = leaderEpoch < partition.leaderEpoch
    return fetchError(
      wanted,
      isOld ? kafkaError.FENCED_LEADER_EPOCH : kafkaError.UNKNOWN_LEADER_EPOCH,
    )
  }
  const { log } = partition
  if (wanted.offset < log.startOffset || wanted.offset > log.endOffset) {
    return fetchError(wanted, kafkaError.OFFSET_OUT_OF_RANGE)
  }
  const isCommittedOnly = request.isolation === 'read_committed'
  const lastStableOffset = log.lastStableOffset
  const { records, endOffset } = readBatches(log, {
    fromOffset: wanted.offset,
    untilOffset: isCommittedOnly ? lastStableOffset : log.endOffset,
    maxBytes: Math.max(0, Math.min(wanted.maxBytes, bytesLeft)),
    isFirstWhole: isFirst,
  })
  return {
    topic: wanted.topic,
    partition: wanted.partition,
    errorCode: 0,
    highWatermark: log.endOffset,
    lastStableOffset,
    logStartOffset: log.startOffset,
    abortedTransactions: isCommittedOnly ? abortedRanges(log, wanted.offset, endOffset) : [],
    records,
  }
}

function abortedRanges(
  log: PartitionLog,
  fromOffset: number,
  endOffset: number,
): PartitionAnswer['abortedTransactions'] {
  return abortedIn(log, fromOffset, endOffset).map(({ producerId, firstOffset }) => ({
    producerId,
    firstOffset,
  }))
}
