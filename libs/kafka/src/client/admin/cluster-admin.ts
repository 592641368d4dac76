import type { TopicPartition } from '@millrace/record'
import type { Admin, GroupDescription, NewTopic } from '../../ports/admin.ts'
import type { PartitionOffset } from '../../ports/cluster.ts'
import type { TopicError } from '../../ports/transport.ts'
import { errorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { askLeaders } from '../ask-leaders.ts'
import { type Connection, retryOperation } from '../connection.ts'
import { fetchTopics, leaderless, topicEntry } from '../metadata/topics.ts'
import { isRetriableError } from '../retry.ts'
import { deleteGroups, describeGroup, resetOffsets } from './group-admin.ts'
import { operationsOf } from './operations.ts'

const brokerDefault = -1

/** The admin side of the port. Every call retries what passes, for a minute at most. */
export class ClusterAdmin implements Admin {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    if (topics.length === 0) return
    let open = topics
    await retryOperation(this.#connection, async () => {
      const answers = await this.#connection.transport.createTopics(
        open.map(({ topic, partitionCount, replicationFactor = brokerDefault, configs = {} }) => ({
          topic,
          partitionCount,
          replicationFactor,
          configs,
        })),
      )
      const failed = failures(answers, kafkaError.TOPIC_ALREADY_EXISTS)
      open = open.filter(({ topic }) => failed.some((answer) => answer.topic === topic))
      throwFirst(failed, 'creating')
    })
    await this.#untilLed(topics.map(({ topic }) => topic))
  }

  /** A topic that does not exist is deleted already. */
  async deleteTopics(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return
    let open = topics
    await retryOperation(this.#connection, async () => {
      const answers = await this.#connection.transport.deleteTopics(open)
      const failed = failures(answers, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
      open = failed.map(({ topic }) => topic)
      throwFirst(failed, 'deleting')
    })
  }

  async addPartitions(topic: string, partitionCount: number): Promise<void> {
    const { transport } = this.#connection
    await retryOperation(this.#connection, async () => {
      const entry = await topicEntry(this.#connection, topic)
      if (entry.leaders.length === partitionCount) return
      const answer = await transport.createPartitions(topic, partitionCount)
      if (answer.errorCode !== kafkaError.NONE)
        throw errorFor(answer.errorCode, said('adding partitions to', topic, answer.message))
    })
    await this.#untilLed([topic], partitionCount)
  }

  async listTopics(): Promise<readonly string[]> {
    const answer = await retryOperation(this.#connection, () =>
      this.#connection.transport.metadata(null),
    )
    return answer.topics
      .filter(({ errorCode }) => errorCode === kafkaError.NONE)
      .map(({ topic }) => topic)
  }

  async topicConfigs(topic: string): Promise<ReadonlyMap<string, string>> {
    return retryOperation(this.#connection, async () => {
      await topicEntry(this.#connection, topic)
      const answer = await this.#connection.transport.describeTopicConfigs(topic)
      if (answer.errorCode !== kafkaError.NONE)
        throw errorFor(answer.errorCode, `reading the settings of topic ${topic}`)
      return answer.configs
    })
  }

  async deleteRecords(before: readonly PartitionOffset[]): Promise<void> {
    await askLeaders(this.#connection, 'deleting records', before, (nodeId, group) =>
      this.#connection.transport.deleteRecords(nodeId, group),
    )
  }

  deleteGroups(groupIds: readonly string[]): Promise<void> {
    return deleteGroups(this.#connection, groupIds)
  }

  describeGroup(groupId: string): Promise<GroupDescription> {
    return describeGroup(this.#connection, groupId)
  }

  resetOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return resetOffsets(this.#connection, groupId, offsets)
  }

  async replicationFactor(topic: string): Promise<number> {
    const entry = await retryOperation(this.#connection, () => topicEntry(this.#connection, topic))
    return Math.min(...entry.replicas)
  }

  async topicOperations(topic: string): Promise<ReadonlySet<string> | null> {
    const { transport } = this.#connection
    const answer = await retryOperation(this.#connection, () => transport.metadata([topic]))
    const found = answer.topics.find((each) => each.topic === topic)
    return found?.errorCode === kafkaError.NONE ? operationsOf(found.operations) : null
  }

  async leaders(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    const topics = new Set(partitions.map(({ topic }) => topic))
    const entries = await retryOperation(this.#connection, () =>
      fetchTopics(this.#connection, topics),
    )
    return partitions.map(({ topic, partition }) => entries.get(topic)?.leaders[partition] ?? -1)
  }

  /** Waits until every partition of the topics has a leader. */
  async #untilLed(topics: readonly string[], partitionCount = 1): Promise<void> {
    await retryOperation(this.#connection, async () => {
      const entries = await fetchTopics(this.#connection, topics)
      for (const topic of topics) {
        const isLed = !leaderless(entries.get(topic), partitionCount)
        if (!isLed)
          throw errorFor(
            kafkaError.LEADER_NOT_AVAILABLE,
            `waiting for the leaders of topic ${topic}`,
          )
      }
    })
  }
}

function failures(answers: readonly TopicError[], fineCode: number): readonly TopicError[] {
  return answers.filter(({ errorCode }) => errorCode !== kafkaError.NONE && errorCode !== fineCode)
}

/** Throws the first of them that repeating cannot mend, else the first. */
function throwFirst(failed: readonly TopicError[], doing: string): void {
  const errors = failed.map(({ topic, errorCode, message }) =>
    errorFor(errorCode, said(`${doing} topic`, topic, message)),
  )
  const first = errors.find((error) => !isRetriableError(error)) ?? errors[0]
  if (first !== undefined) throw first
}

function said(doing: string, topic: string, message: string | null): string {
  return message === null || message === '' ? `${doing} ${topic}` : `${doing} ${topic} (${message})`
}
