import type { TopicPartition } from '@millrace/record'
import type { PartitionOffset } from './cluster.ts'

export interface NewTopic {
  readonly topic: string
  readonly partitionCount: number
  /** Left out: the broker's default (CreateTopics v4). */
  readonly replicationFactor?: number | undefined
  readonly configs?: Readonly<{ [name: string]: string }>
}

export interface GroupDescription {
  readonly state: string
  readonly memberCount: number
}

export interface Admin {
  /** Resolves when the topics exist and have leaders. A topic that exists already is left as it is. */
  createTopics(topics: readonly NewTopic[]): Promise<void>
  deleteTopics(topics: readonly string[]): Promise<void>
  addPartitions(topic: string, partitionCount: number): Promise<void>
  listTopics(): Promise<readonly string[]>
  /** All settings of a topic, defaults included. */
  topicConfigs(topic: string): Promise<ReadonlyMap<string, string>>
  /** Deletes records below the given offsets. */
  deleteRecords(before: readonly PartitionOffset[]): Promise<void>
  deleteGroups(groupIds: readonly string[]): Promise<void>
  describeGroup(groupId: string): Promise<GroupDescription>
  /** Sets committed offsets of a group without members. */
  resetOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<void>
  /** Replicas of each partition, for checks of internal topics. */
  replicationFactor(topic: string): Promise<number>
  /**
   * What this client may do with a topic (KIP-430), in Kafka's words for `AclOperation`: `Read`,
   * `Write`, `DescribeConfigs` … Null where the cluster does not say, and where the topic is not to be seen.
   */
  topicOperations(topic: string): Promise<ReadonlySet<string> | null>
  /** Partition leaders' broker ids, in the order given; -1 where there is none. */
  leaders(partitions: readonly TopicPartition[]): Promise<readonly number[]>
}
