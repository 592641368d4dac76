import { MillraceError } from '@millrace/errors'
import type { Transport } from '@millrace/kafka'
import type { Answer, Api, CoordinatorKind, Requests } from './api.ts'
import type { BrokerSide } from './broker-side.ts'
import { type Act, Connection, connectionLost } from './connection.ts'
import { errorAnswer, partitionErrors } from './error-answers.ts'
import type { Call } from './faults/faults.ts'
import { join } from './groups/join.ts'
import { fetch } from './log/fetch.ts'
import { deleteRecords, listOffsets } from './log/offsets.ts'
import { produce } from './log/produce.ts'
import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeTopicConfigs,
  metadata,
} from './topics/topic-requests.ts'

type Sent<A extends Api> = Promise<Answer<A>>

/** One client's connections to the simulated brokers: one per broker and kind of request. */
export class SimulatedTransport implements Transport {
  readonly #cluster: BrokerSide
  readonly #clientId: string
  readonly #connections = new Map<string, Connection>()
  #isClosed = false

  constructor(cluster: BrokerSide, clientId: string) {
    this.#cluster = cluster
    this.#clientId = clientId
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async connect(): Promise<void> {
    if (this.#cluster.brokers.controllerId !== -1) return
    throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', { message: 'all brokers are down' })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.breakConnections()
  }

  /** Loses what is in flight to a broker, or to all of them; the next request connects again. */
  breakConnections(nodeId?: number): void {
    for (const [name, connection] of [...this.#connections]) {
      if (nodeId !== undefined && !name.startsWith(`${nodeId} `)) continue
      this.#connections.delete(name)
      connection.break()
    }
  }

  metadata(topics: readonly string[] | null): Sent<'metadata'> {
    return this.#toAny('metadata', topics, () => {
      return metadata(this.#cluster.topics, this.#cluster.brokers, topics)
    })
  }

  findCoordinator(kind: CoordinatorKind, key: string): Sent<'findCoordinator'> {
    return this.#toAny('findCoordinator', { kind, key }, () => {
      return { errorCode: 0, nodeId: this.#cluster.brokers.coordinatorOf(kind, key) }
    })
  }

  produce(nodeId: number, request: Requests['produce']): Sent<'produce'> {
    return this.#send('produce', nodeId, request, () => {
      const { topics, transactions, timers } = this.#cluster
      return produce({ topics, transactions, nowMs: timers.clock.nowMs() }, nodeId, request)
    })
  }

  fetch(nodeId: number, request: Requests['fetch']): Sent<'fetch'> {
    return this.#send('fetch', nodeId, request, () => {
      return fetch(this.#cluster.topics, this.#cluster.timers, nodeId, request)
    })
  }

  listOffsets(nodeId: number, request: Requests['listOffsets']): Sent<'listOffsets'> {
    return this.#send('listOffsets', nodeId, request, () => {
      return listOffsets(this.#cluster.topics, nodeId, request)
    })
  }

  offsetFetch(nodeId: number, request: Requests['offsetFetch']): Sent<'offsetFetch'> {
    return this.#toGroup('offsetFetch', nodeId, request, () => {
      return this.#cluster.groups.fetchOffsets(request)
    })
  }

  offsetCommit(nodeId: number, request: Requests['offsetCommit']): Sent<'offsetCommit'> {
    return this.#toGroup('offsetCommit', nodeId, request, () => {
      return this.#cluster.groups.commitOffsets(request)
    })
  }

  joinGroup(nodeId: number, request: Requests['joinGroup']): Sent<'joinGroup'> {
    return this.#toGroup('joinGroup', nodeId, request, () => {
      const { groups, timers, settings } = this.#cluster
      const options = {
        coordinator: groups,
        timers,
        sessionTimeoutMinMs: settings.sessionTimeoutMinMs,
        newMemberId: (name: string) => this.#cluster.newMemberId(name),
      }
      return join(options, this.#clientId, request)
    })
  }

  syncGroup(nodeId: number, request: Requests['syncGroup']): Sent<'syncGroup'> {
    return this.#toGroup('syncGroup', nodeId, request, () => this.#cluster.groups.sync(request))
  }

  heartbeat(nodeId: number, request: Requests['heartbeat']): Sent<'heartbeat'> {
    return this.#toGroup('heartbeat', nodeId, request, () => {
      return this.#cluster.groups.heartbeat(request)
    })
  }

  leaveGroup(nodeId: number, request: Requests['leaveGroup']): Sent<'leaveGroup'> {
    return this.#toGroup('leaveGroup', nodeId, request, () => this.#cluster.groups.leave(request))
  }

  initProducerId(nodeId: number, request: Requests['initProducerId']): Sent<'initProducerId'> {
    const act = () => this.#cluster.transactions.initProducerId(request)
    const { transactionalId } = request
    if (transactionalId === null) return this.#send('initProducerId', nodeId, request, act)
    return this.#toCoordinator(
      'initProducerId',
      'transaction',
      transactionalId,
      nodeId,
      request,
      act,
    )
  }

  addPartitionsToTxn(
    nodeId: number,
    request: Requests['addPartitionsToTxn'],
  ): Sent<'addPartitionsToTxn'> {
    return this.#toTransaction('addPartitionsToTxn', nodeId, request, () => {
      return this.#cluster.transactions.addPartitions(request)
    })
  }

  addOffsetsToTxn(nodeId: number, request: Requests['addOffsetsToTxn']): Sent<'addOffsetsToTxn'> {
    return this.#toTransaction('addOffsetsToTxn', nodeId, request, () => {
      return this.#cluster.transactions.addOffsets(request)
    })
  }

  txnOffsetCommit(nodeId: number, request: Requests['txnOffsetCommit']): Sent<'txnOffsetCommit'> {
    return this.#toGroup('txnOffsetCommit', nodeId, request, () => {
      const { transactions, groups } = this.#cluster
      const errorCode = transactions.offsetsVerdict(request, request.groupId)
      if (errorCode !== 0) return partitionErrors(request.offsets, errorCode)
      return groups.commitPending(request)
    })
  }

  endTxn(nodeId: number, request: Requests['endTxn']): Sent<'endTxn'> {
    return this.#toTransaction('endTxn', nodeId, request, () => {
      return this.#cluster.transactions.end(request)
    })
  }

  createTopics(request: Requests['createTopics']): Sent<'createTopics'> {
    return this.#toAny('createTopics', request, () => {
      return createTopics(this.#cluster.topics, this.#cluster.brokers, request)
    })
  }

  deleteTopics(names: readonly string[]): Sent<'deleteTopics'> {
    return this.#toAny('deleteTopics', names, () => {
      const answer = deleteTopics(this.#cluster.topics, names)
      for (const { topic } of answer) this.#cluster.groups.forgetTopic(topic)
      return answer
    })
  }

  createPartitions(topic: string, partitionCount: number): Sent<'createPartitions'> {
    return this.#toAny('createPartitions', { topic, partitionCount }, () => {
      return createPartitions(this.#cluster.topics, topic, partitionCount)
    })
  }

  describeTopicConfigs(topic: string): Sent<'describeTopicConfigs'> {
    return this.#toAny('describeTopicConfigs', topic, () => {
      return describeTopicConfigs(this.#cluster.topics, topic)
    })
  }

  deleteRecords(nodeId: number, before: Requests['deleteRecords']): Sent<'deleteRecords'> {
    return this.#send('deleteRecords', nodeId, before, () => {
      return deleteRecords(this.#cluster.topics, nodeId, before)
    })
  }

  deleteGroup(nodeId: number, groupId: string): Sent<'deleteGroup'> {
    return this.#toCoordinator('deleteGroup', 'group', groupId, nodeId, groupId, () => {
      return this.#cluster.groups.delete(groupId)
    })
  }

  describeGroup(nodeId: number, groupId: string): Sent<'describeGroup'> {
    return this.#toCoordinator('describeGroup', 'group', groupId, nodeId, groupId, () => {
      return this.#cluster.groups.describe(groupId)
    })
  }

  #toGroup<A extends Api>(
    api: A,
    nodeId: number,
    request: Requests[A] & { readonly groupId: string },
    act: Act<A>,
  ): Sent<A> {
    return this.#toCoordinator(api, 'group', request.groupId, nodeId, request, act)
  }

  #toTransaction<A extends Api>(
    api: A,
    nodeId: number,
    request: Requests[A] & { readonly transactionalId: string },
    act: Act<A>,
  ): Sent<A> {
    return this.#toCoordinator(api, 'transaction', request.transactionalId, nodeId, request, act)
  }

  #toCoordinator<A extends Api>(
    api: A,
    kind: CoordinatorKind,
    key: string,
    nodeId: number,
    request: Requests[A],
    act: Act<A>,
  ): Sent<A> {
    return this.#send(api, nodeId, request, () => {
      const errorCode = this.#cluster.brokers.coordinatorError(nodeId, kind, key)
      return errorCode === 0 ? act() : errorAnswer(api, request, errorCode)
    })
  }

  /** A request that any broker answers, or hands on to the controller. */
  #toAny<A extends Api>(api: A, request: Requests[A], act: Act<A>): Sent<A> {
    return this.#send(api, this.#cluster.brokers.controllerId, request, act)
  }

  async #send<A extends Api>(
    api: A,
    nodeId: number,
    request: Requests[A],
    act: Act<A>,
  ): Promise<Answer<A>> {
    const { brokers } = this.#cluster
    if (this.#isClosed || !brokers.isUp(nodeId)) throw connectionLost()
    const call = { api, nodeId, clientId: this.#clientId, request } as unknown as Call & { api: A }
    return this.#connection(api, nodeId).send(call, act)
  }

  #connection(api: Api, nodeId: number): Connection {
    const name = `${nodeId} ${api}`
    let connection = this.#connections.get(name)
    if (connection === undefined || connection.isBroken) {
      const { timers } = this.#cluster
      connection = new Connection({ timers, faults: () => this.#cluster.faults })
      this.#connections.set(name, connection)
    }
    return connection
  }
}
