import type { TopicPartition } from '@millrace/record'
import type { Brokers } from '../brokers/brokers.ts'
import { type Partition, Topic } from './topic.ts'

export interface TopicsOptions {
  readonly brokers: Brokers
  readonly replicationFactorDefault: number
  readonly configDefaults: ReadonlyMap<string, string>
}

export interface TopicPlan {
  readonly name: string
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string>
}

/** The cluster's topics, where their replicas lie and who leads them. */
export class Topics {
  readonly #topics = new Map<string, Topic>()
  readonly #options: TopicsOptions

  constructor(options: TopicsOptions) {
    this.#options = options
  }

  names(): string[] {
    return [...this.#topics.keys()]
  }

  find(name: string): Topic | undefined {
    return this.#topics.get(name)
  }

  partition(at: TopicPartition): Partition | undefined {
    return this.#topics.get(at.topic)?.partitions[at.partition]
  }

  get replicationFactorDefault(): number {
    return this.#options.replicationFactorDefault
  }

  create(plan: TopicPlan): Topic {
    const topic = new Topic(plan.name, plan.configs, this.#options.configDefaults)
    this.#topics.set(plan.name, topic)
    this.#grow(topic, plan.partitionCount, plan.replicationFactor)
    return topic
  }

  addPartitions(topic: Topic, partitionCount: number): void {
    this.#grow(topic, partitionCount, topic.partitions[0]!.replicas.length)
  }

  delete(name: string): void {
    const topic = this.#topics.get(name)
    this.#topics.delete(name)
    for (const { log } of topic?.partitions ?? []) log.changed()
  }

  /** Gives the partition another leader among its replicas; held reads are answered. */
  moveLeader(partition: Partition, nodeId: number): void {
    if (partition.leaderId === nodeId) return
    partition.leaderId = nodeId
    partition.leaderEpoch++
    partition.log.changed()
  }

  /** After a broker came or went: partitions without a living leader get one where a replica is up. */
  electLeaders(): void {
    for (const topic of this.#topics.values()) {
      for (const partition of topic.partitions) {
        if (this.#options.brokers.isUp(partition.leaderId)) continue
        this.moveLeader(partition, this.#firstUp(partition.replicas))
      }
    }
  }

  #grow(topic: Topic, partitionCount: number, replicationFactor: number): void {
    const { nodeIds } = this.#options.brokers
    for (let i = topic.partitions.length; i < partitionCount; i++) {
      const replicas = nodeIds.map((_, step) => nodeIds[(i + step) % nodeIds.length]!)
      const placed = replicas.slice(0, replicationFactor)
      topic.addPartition(placed, this.#firstUp(placed))
    }
  }

  #firstUp(nodeIds: readonly number[]): number {
    return nodeIds.find((nodeId) => this.#options.brokers.isUp(nodeId)) ?? -1
  }
}
