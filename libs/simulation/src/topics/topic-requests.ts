import { type CreateTopicRequest, kafkaError } from '@millrace/kafka'
import type { Answer } from '../api.ts'
import type { Brokers } from '../brokers/brokers.ts'
import { topicError } from '../error-answers.ts'
import { topicConfigDefaults } from './topic-configs.ts'
import type { Topics } from './topics.ts'

const invalidPartitions = 37
const invalidConfig = 40
const topicNamePattern = /^[a-zA-Z0-9._-]{1,249}$/

export function metadata(
  topics: Topics,
  brokers: Brokers,
  names: readonly string[] | null,
): Answer<'metadata'> {
  return {
    controllerId: brokers.controllerId,
    brokers: brokers.up().map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9092 })),
    topics: (names ?? topics.names()).map((name) => topicMetadata(topics, name)),
  }
}

function topicMetadata(topics: Topics, name: string): Answer<'metadata'>['topics'][number] {
  const topic = topics.find(name)
  if (topic === undefined) {
    const isNamed = topicNamePattern.test(name)
    const errorCode = isNamed ? kafkaError.UNKNOWN_TOPIC_OR_PARTITION : kafkaError.INVALID_TOPIC
    return { topic: name, errorCode, partitions: [] }
  }
  const partitions = topic.partitions.map(({ leaderId, leaderEpoch, replicas }, partition) => ({
    partition,
    errorCode: leaderId === -1 ? kafkaError.LEADER_NOT_AVAILABLE : 0,
    leaderId,
    leaderEpoch,
    replicas,
  }))
  return { topic: name, errorCode: 0, partitions, operations: everyOperation }
}

/** Bits 3 to 8, 10 and 11 of `AclOperation`: what a cluster without rules answers. */
const everyOperation = 0b1101_1111_1000

export function createTopics(
  topics: Topics,
  brokers: Brokers,
  request: readonly CreateTopicRequest[],
): Answer<'createTopics'> {
  return request.map((wanted) => createTopic(topics, brokers, wanted))
}

function createTopic(
  topics: Topics,
  brokers: Brokers,
  wanted: CreateTopicRequest,
): Answer<'createTopics'>[number] {
  const { topic } = wanted
  const isDefault = wanted.replicationFactor === -1
  const replicationFactor = isDefault ? topics.replicationFactorDefault : wanted.replicationFactor
  const partitionCount = wanted.partitionCount === -1 ? 1 : wanted.partitionCount
  const unknown = Object.keys(wanted.configs).find((name) => !topicConfigDefaults.has(name))
  if (!topicNamePattern.test(topic) || topic === '.' || topic === '..') {
    return topicError(topic, kafkaError.INVALID_TOPIC, 'the topic name is invalid')
  }
  if (topics.find(topic)) {
    return topicError(topic, kafkaError.TOPIC_ALREADY_EXISTS, `Topic '${topic}' already exists.`)
  }
  if (partitionCount < 1) return topicError(topic, invalidPartitions, 'partitions must be positive')
  if (replicationFactor < 1 || replicationFactor > brokers.nodeIds.length) {
    return topicError(topic, kafkaError.INVALID_REPLICATION_FACTOR, `${replicationFactor} replicas`)
  }
  if (unknown) return topicError(topic, invalidConfig, `Unknown topic config name: ${unknown}`)
  const configs = new Map(Object.entries(wanted.configs))
  topics.create({ name: topic, partitionCount, replicationFactor, configs })
  return topicError(topic, 0)
}

export function deleteTopics(topics: Topics, names: readonly string[]): Answer<'deleteTopics'> {
  return names.map((name) => {
    if (!topics.find(name)) return topicError(name, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
    topics.delete(name)
    return topicError(name, 0)
  })
}

export function createPartitions(
  topics: Topics,
  name: string,
  partitionCount: number,
): Answer<'createPartitions'> {
  const topic = topics.find(name)
  if (topic === undefined) {
    return { errorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, message: 'the topic does not exist' }
  }
  const now = topic.partitions.length
  if (partitionCount <= now) {
    return { errorCode: invalidPartitions, message: `Topic currently has ${now} partitions.` }
  }
  topics.addPartitions(topic, partitionCount)
  return { errorCode: 0, message: null }
}

export function describeTopicConfigs(topics: Topics, name: string): Answer<'describeTopicConfigs'> {
  const topic = topics.find(name)
  if (topic === undefined) {
    return { errorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, configs: new Map() }
  }
  return { errorCode: 0, configs: topic.configs() }
}
