import type { TopicPartition } from '@millrace/record'
import { formatTaskId, type SubTopology, type TaskId, type Topology } from '@millrace/topology'
import { sourceTopicsOf } from '../internal-topics/topic-names.ts'

/** A task and all it reads: one sub-topology at one partition number. */
export interface TaskDefinition {
  readonly id: TaskId
  /** `0_3`. */
  readonly name: string
  readonly subTopology: SubTopology
  /** The partitions that always move together; topics with fewer partitions are left out. */
  readonly sources: readonly TopicPartition[]
}

/**
 * Every task of the topology, in order of sub-topology and partition (Kafka Streams'
 * `PartitionGrouper`): a sub-topology has as many tasks as its largest source has partitions.
 */
export function tasksOf(
  topology: Topology,
  applicationId: string,
  partitionCounts: ReadonlyMap<string, number>,
): readonly TaskDefinition[] {
  const tasks: TaskDefinition[] = []
  for (const subTopology of topology.subTopologies) {
    const topics = sourceTopicsOf(applicationId, subTopology)
    const count = Math.max(0, ...topics.map((topic) => partitionCounts.get(topic) ?? 0))
    for (let partition = 0; partition < count; partition++) {
      const id = { subTopology: subTopology.id, partition }
      const read = topics.filter((topic) => partition < (partitionCounts.get(topic) ?? 0))
      tasks.push({
        id,
        name: formatTaskId(id),
        subTopology,
        sources: read.map((topic) => ({ topic, partition })),
      })
    }
  }
  return tasks
}

/** `topic-3`: a partition as a key of maps and in messages. */
export function partitionKey(of: TopicPartition): string {
  return `${of.topic}-${of.partition}`
}
