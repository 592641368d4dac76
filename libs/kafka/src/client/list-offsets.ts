import type { TopicPartition } from '@millrace/record'
import type { Isolation, ListedOffset } from '../ports/cluster.ts'
import { askLeaders } from './ask-leaders.ts'
import type { Connection } from './connection.ts'

export type ListedAt = 'earliest' | 'latest' | { readonly timestampMs: number }

const latestTimestamp = -1
const earliestTimestamp = -2
const noOffset = -1

/** See `Cluster.listOffsets`. */
export async function listOffsets(
  connection: Connection,
  partitions: readonly TopicPartition[],
  at: ListedAt,
  isolation: Isolation,
): Promise<ListedOffset[]> {
  const timestampMs =
    at === 'earliest' ? earliestTimestamp : at === 'latest' ? latestTimestamp : at.timestampMs
  const listed = await listAt(connection, partitions, timestampMs, isolation)
  const beyond = listed.filter((answer) => answer.offset === noOffset)
  if (beyond.length === 0) return listed
  // No record at or after the timestamp: the end, as the contract says.
  const ends = await listAt(connection, beyond, latestTimestamp, isolation)
  return listed.map((answer) =>
    answer.offset === noOffset ? ends[beyond.indexOf(answer)]! : answer,
  )
}

async function listAt(
  connection: Connection,
  partitions: readonly TopicPartition[],
  timestampMs: number,
  isolation: Isolation,
): Promise<ListedOffset[]> {
  const answers = await askLeaders(connection, 'listing offsets', partitions, (nodeId, group) =>
    connection.transport.listOffsets(nodeId, {
      isolation,
      partitions: group.map(({ topic, partition }) => ({ topic, partition, timestampMs })),
    }),
  )
  return answers.map(({ topic, partition, offset }) => ({ topic, partition, offset }))
}
