import type { Cluster, PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey, type TaskDefinition } from '../assignment/task-definition.ts'
import { type SourceNote, sourceNotesOf } from './kept-times.ts'

/** Where the tasks read on, by `partitionKey`. */
export interface StartOffsets {
  /** Committed by the group; partitions without a commit are left out. */
  readonly committed: ReadonlyMap<string, number>
  /** Every partition: the committed offset, else where the policy begins. */
  readonly start: ReadonlyMap<string, number>
  /** Largest event time read, noted beside the offsets by tasks without state. */
  readonly sourceNotes: ReadonlyMap<string, SourceNote>
}

/**
 * Reads the committed offsets, waiting for undecided transactions (KIP-447). Partitions that were
 * never committed begin at the start of the log; external ones, if the policy says so, at its end.
 */
export async function readStartOffsets(
  cluster: Cluster,
  groupId: string,
  tasks: readonly TaskDefinition[],
  startOffset: 'earliest' | 'latest',
): Promise<StartOffsets> {
  const partitions = tasks.flatMap((task) => task.sources)
  const known = await cluster.committedOffsets(groupId, partitions, { requireStable: true })
  const committed = byPartition(known)
  const missing = partitions.filter((partition) => !committed.has(partitionKey(partition)))
  const external = new Set(tasks.flatMap((task) => task.subTopology.sourceTopics))
  const atEnd = missing.filter(({ topic }) => startOffset === 'latest' && external.has(topic))
  const atStart = missing.filter((partition) => !atEnd.includes(partition))
  const begun = [
    ...(await list(cluster, atStart, 'earliest')),
    ...(await list(cluster, atEnd, 'latest')),
  ]
  const start = new Map([...committed, ...byPartition(begun)])
  return { committed, start, sourceNotes: sourceNotesOf(known) }
}

function list(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest',
): Promise<readonly PartitionOffset[]> {
  if (partitions.length === 0) return Promise.resolve([])
  return cluster.listOffsets(partitions, at, 'read_committed')
}

function byPartition(offsets: readonly PartitionOffset[]): Map<string, number> {
  return new Map(offsets.map((each) => [partitionKey(each), each.offset]))
}
