import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import type { Transport } from '../ports/transport.ts'
import { createPartitions } from '../wire/requests/admin/create-partitions.ts'
import { createTopics } from '../wire/requests/admin/create-topics.ts'
import { deleteRecords } from '../wire/requests/admin/delete-records.ts'
import { deleteTopics } from '../wire/requests/admin/delete-topics.ts'
import { describeConfigs } from '../wire/requests/admin/describe-configs.ts'
import { deleteGroups } from '../wire/requests/group/delete-groups.ts'
import { describeGroups } from '../wire/requests/group/describe-groups.ts'
import { heartbeat } from '../wire/requests/group/heartbeat.ts'
import { joinGroup } from '../wire/requests/group/join-group.ts'
import { leaveGroup } from '../wire/requests/group/leave-group.ts'
import { offsetCommit } from '../wire/requests/group/offset-commit.ts'
import { offsetFetch } from '../wire/requests/group/offset-fetch.ts'
import { syncGroup } from '../wire/requests/group/sync-group.ts'
import type { KafkaRequest } from '../wire/requests/kafka-request.ts'
import { fetch } from '../wire/requests/records/fetch.ts'
import { findCoordinator } from '../wire/requests/records/find-coordinator.ts'
import { listOffsets } from '../wire/requests/records/list-offsets.ts'
import { produce } from '../wire/requests/records/produce.ts'
import { addOffsetsToTxn } from '../wire/requests/transaction/add-offsets-to-txn.ts'
import { addPartitionsToTxn } from '../wire/requests/transaction/add-partitions-to-txn.ts'
import { endTxn } from '../wire/requests/transaction/end-txn.ts'
import { initProducerId } from '../wire/requests/transaction/init-producer-id.ts'
import { txnOffsetCommit } from '../wire/requests/transaction/txn-offset-commit.ts'
import type { KafkaConnectionOptions, KafkaLog } from './connection-options.ts'
import { Connections, type Purpose } from './connections.ts'

/** On top of how long the broker may hold a request. */
const answerGraceMs = 5_000
const defaultRequestTimeoutMs = 30_000

/**
 * A `Transport` to real brokers. kafkajs supplies sockets, TLS, SASL and ApiVersions; each request
 * is written by us, in one fixed version, and sent once: nothing is repeated unseen.
 *
 * @example
 * const options = { brokers: ['127.0.0.1:9092'], clientId: 'orders' }
 * const transport = createKafkajsTransport(options, () => {}, systemClock)
 */
export function createKafkajsTransport(
  options: KafkaConnectionOptions,
  log: KafkaLog,
  clock: Clock,
): Transport {
  const connections = new Connections(options, log, clock)
  const requestTimeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs
  const send: Send = (purpose, nodeId, request, body, timeoutMs = requestTimeoutMs) =>
    connections.send(purpose, nodeId, request, body, timeoutMs)
  return {
    connect: () => connect(connections, requestTimeoutMs),
    close: async () => connections.close(),
    metadata: (topics) => connections.metadata(topics, requestTimeoutMs),
    findCoordinator: (kind, key) =>
      connections.coordinator(findCoordinator, { kind, key }, requestTimeoutMs),
    ...recordRequests(send),
    ...groupRequests(send, requestTimeoutMs),
    ...transactionRequests(send),
    ...adminRequests(send, connections, requestTimeoutMs),
  }
}

/** To one broker by its id; the time-out is the general one unless given. */
type Send = <Request, Answer>(
  purpose: Purpose,
  nodeId: number,
  request: KafkaRequest<Request, Answer>,
  body: Request,
  timeoutMs?: number,
) => Promise<Answer>

/** A cluster that cannot be reached at the start is another message than a connection lost later. */
async function connect(connections: Connections, timeoutMs: number): Promise<void> {
  try {
    await connections.metadata([], timeoutMs)
  } catch (cause) {
    if (!isMillraceError(cause) || cause.code !== 'MILLRACE_KAFKA_RETRIABLE') throw cause
    throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', { message: cause.message, cause })
  }
}

function recordRequests(send: Send) {
  return {
    produce: (nodeId, request) =>
      send('produce', nodeId, produce, request, request.timeoutMs + answerGraceMs),
    fetch: (nodeId, request) =>
      send('fetch', nodeId, fetch, request, request.maxWaitMs + answerGraceMs),
    listOffsets: (nodeId, request) => send('admin', nodeId, listOffsets, request),
  } satisfies Partial<Transport>
}

function groupRequests(send: Send, requestTimeoutMs: number) {
  return {
    offsetFetch: (nodeId, request) => send('group', nodeId, offsetFetch, request),
    offsetCommit: (nodeId, request) => send('group', nodeId, offsetCommit, request),
    joinGroup(nodeId, request) {
      const heldMs = request.rebalanceTimeoutMs + answerGraceMs
      return send('join', nodeId, joinGroup, request, Math.max(requestTimeoutMs, heldMs))
    },
    syncGroup: (nodeId, request) => send('join', nodeId, syncGroup, request),
    heartbeat: (nodeId, member) => send('group', nodeId, heartbeat, member),
    leaveGroup: (nodeId, member) => send('group', nodeId, leaveGroup, member),
    deleteGroup: (nodeId, groupId) => send('group', nodeId, deleteGroups, groupId),
    describeGroup: (nodeId, groupId) => send('group', nodeId, describeGroups, groupId),
  } satisfies Partial<Transport>
}

function transactionRequests(send: Send) {
  return {
    initProducerId: (nodeId, request) => send('produce', nodeId, initProducerId, request),
    addPartitionsToTxn: (nodeId, request) => send('produce', nodeId, addPartitionsToTxn, request),
    addOffsetsToTxn: (nodeId, request) => send('produce', nodeId, addOffsetsToTxn, request),
    txnOffsetCommit: (nodeId, request) => send('produce', nodeId, txnOffsetCommit, request),
    endTxn: (nodeId, request) => send('produce', nodeId, endTxn, request),
  } satisfies Partial<Transport>
}

function adminRequests(send: Send, connections: Connections, timeoutMs: number) {
  const heldMs = timeoutMs + answerGraceMs
  const toController = async <Request, Answer>(
    request: KafkaRequest<Request, Answer>,
    body: Request,
  ) => {
    const { controllerId } = await connections.metadata([], timeoutMs)
    return send('admin', controllerId, request, body, heldMs)
  }
  return {
    createTopics: (topics) => toController(createTopics, { topics, timeoutMs }),
    deleteTopics: (topics) => toController(deleteTopics, { topics, timeoutMs }),
    createPartitions: (topic, partitionCount) =>
      toController(createPartitions, { topic, partitionCount, timeoutMs }),
    describeTopicConfigs: (topic) => connections.any(describeConfigs, topic, timeoutMs),
    deleteRecords: (nodeId, before) =>
      send('admin', nodeId, deleteRecords, { before, timeoutMs }, heldMs),
  } satisfies Partial<Transport>
}
