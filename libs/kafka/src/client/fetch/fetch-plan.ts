import { noLeader } from '../metadata/topic-metadata.ts'
import type { AssignedPartition } from './assigned-partition.ts'

export interface FetchLimits {
  readonly maxWaitMs: number
  readonly partitionMaxBytes: number
  readonly bufferMaxBytes: number
}

/** How much of the buffer is taken, over all leaders. */
export interface BufferUse {
  /** Fetched and not polled. */
  readonly bufferedBytes: number
  /** Of these, what the next poll may take: the partitions that are not paused. */
  readonly pollableBytes: number
  /** What fetches under way may bring. */
  readonly reservedBytes: number
  readonly partitionCount: number
  readonly leaderCount: number
}

export interface FetchPlan {
  readonly partitions: readonly AssignedPartition[]
  readonly partitionMaxBytes: number
  readonly maxBytes: number
  readonly maxWaitMs: number
}

/** A long poll is not to hold up a partition that is resumed meanwhile. */
const besidePausedMaxWaitMs = 50

/**
 * What to ask one leader for now; null where a fetch has to wait for a poll or for another leader.
 *
 * Each partition may fill its equal share of the buffer. While one that could be polled has filled
 * it, its leader is not asked at all: a long poll for the others would keep the busy partition
 * waiting after the poll that makes room.
 */
export function planFetch(
  partitions: readonly AssignedPartition[],
  limits: FetchLimits,
  use: BufferUse,
): FetchPlan | null {
  const wanted = partitions.filter(isWanted)
  if (wanted.length === 0) return null
  const shareBytes = limits.bufferMaxBytes / use.partitionCount
  const hasRoom = ({ bufferedBytes }: AssignedPartition) =>
    bufferedBytes === 0 || bufferedBytes + limits.partitionMaxBytes <= shareBytes
  if (!wanted.every(hasRoom)) return null

  const roomBytes = limits.bufferMaxBytes - use.bufferedBytes - use.reservedBytes
  // Paused partitions may hold the whole buffer. Then one batch at a time goes beyond the bound, or
  // a reader that waits for the others before it resumes them would wait for ever.
  if (roomBytes <= 0 && (use.pollableBytes > 0 || use.reservedBytes > 0)) return null
  const maxBytes = Math.min(
    wanted.length * limits.partitionMaxBytes,
    Math.max(roomBytes, 1),
    Math.max(Math.floor(limits.bufferMaxBytes / use.leaderCount), 1),
  )
  const isBesidePaused = partitions.some(({ isPaused }) => isPaused)
  const maxWaitMs = isBesidePaused
    ? Math.min(limits.maxWaitMs, besidePausedMaxWaitMs)
    : limits.maxWaitMs
  return { partitions: wanted, partitionMaxBytes: limits.partitionMaxBytes, maxBytes, maxWaitMs }
}

function isWanted(partition: AssignedPartition): boolean {
  const { isPaused, awaitsMetadata, isInQuestion, askedOf, error } = partition
  return !isPaused && !awaitsMetadata && !isInQuestion && askedOf === noLeader && error === null
}
