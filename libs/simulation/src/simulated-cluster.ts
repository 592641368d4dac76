import { MillraceError } from '@millrace/errors'
import {
  type Cluster,
  type ClusterOptions,
  createCluster,
  type Isolation,
  RecordBatchWriter,
  unstamped,
} from '@millrace/kafka'
import { type Headers, noHeaders } from '@millrace/record'
import type { CoordinatorKind } from './api.ts'
import { BrokerSide } from './broker-side.ts'
import { type FaultInjector, noFaults } from './faults/faults.ts'
import { type CompactOptions, compact } from './log/compact.ts'
import type { PartitionLog } from './log/partition-log.ts'
import { readRecords, type StoredRecord } from './log/read-records.ts'
import { type SimulatedClusterOptions, settingsOf } from './settings.ts'
import { SimulatedTransport } from './simulated-transport.ts'
import type { Partition } from './topics/topic.ts'

export interface TopicOptions {
  /** Default 1. */
  readonly partitionCount?: number
  readonly configs?: Readonly<{ [name: string]: string }>
}

export interface NewRecord {
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  /** Milliseconds since the epoch. Default: now on the cluster's clock. */
  readonly timestampMs?: number
  readonly headers?: Headers
}

export interface ClientOptions {
  /** Begins the member ids that it is given. Default `millrace`. */
  readonly clientId?: string
  readonly logger?: ClusterOptions['logger']
}

/**
 * A Kafka cluster in the process: brokers, partitions in bytes, consumer groups, transactions. Its
 * transports answer as brokers do; the rest of its methods is what tests do to a cluster, at once
 * and past every check. Same clock, same requests, same faults: same answers.
 */
export class SimulatedCluster {
  readonly #brokers: BrokerSide
  #transports: SimulatedTransport[] = []

  constructor(options: SimulatedClusterOptions) {
    const faults = options.faults ?? noFaults
    this.#brokers = new BrokerSide(options.clock, settingsOf(options), faults)
  }

  /** A client of this cluster, on its clock: the same code that talks to real brokers. Not yet connected. */
  client(options: ClientOptions = {}): Cluster {
    const { clock } = this.#brokers.timers
    return createCluster({ transport: this.transport(options), clock, logger: options.logger })
  }

  /** The connections of one client. */
  transport(options: { readonly clientId?: string } = {}): SimulatedTransport {
    this.#transports = this.#transports.filter(({ isClosed }) => !isClosed)
    const transport = new SimulatedTransport(this.#brokers, options.clientId ?? 'millrace')
    this.#transports.push(transport)
    return transport
  }

  get faults(): FaultInjector {
    return this.#brokers.faults
  }

  set faults(faults: FaultInjector) {
    this.#brokers.faults = faults
  }

  get nodeIds(): readonly number[] {
    return this.#brokers.brokers.nodeIds
  }

  createTopic(topic: string, options: TopicOptions = {}): void {
    const { topics, settings } = this.#brokers
    topics.create({
      name: topic,
      partitionCount: options.partitionCount ?? 1,
      replicationFactor: settings.replicationFactorDefault,
      configs: new Map(Object.entries(options.configs ?? {})),
    })
  }

  setTopicConfig(topic: string, name: string, value: string): void {
    const found = this.#brokers.topics.find(topic)
    if (found === undefined) throw missing(topic)
    found.setConfig(name, value)
  }

  topics(): string[] {
    return this.#brokers.topics.names()
  }

  partitionCount(topic: string): number {
    const found = this.#brokers.topics.find(topic)
    if (found === undefined) throw missing(topic)
    return found.partitions.length
  }

  /** Writes one record without producer, limits or faults; gives its offset. */
  append(topic: string, partition: number, record: NewRecord): number {
    return this.appendAll(topic, partition, [record])
  }

  /** The same for several records in one batch; gives the first one's offset. */
  appendAll(topic: string, partition: number, records: readonly NewRecord[]): number {
    const { log, leaderEpoch } = this.#partition(topic, partition)
    const writer = new RecordBatchWriter()
    for (const { key = null, value = null, timestampMs, headers = noHeaders } of records) {
      const atMs = timestampMs ?? this.#brokers.timers.clock.nowMs()
      writer.append(key, value, atMs, headers)
    }
    return log.append(writer.finish(unstamped), leaderEpoch).baseOffset
  }

  /** The records of a partition, or of all partitions one after the other. Default read-committed. */
  readAll(
    topic: string,
    partition?: number,
    isolation: Isolation = 'read_committed',
    fromOffset = 0,
  ): StoredRecord[] {
    const found = this.#brokers.topics.find(topic)
    if (found === undefined) throw missing(topic)
    return found.partitions.flatMap(({ log }, index) => {
      const isWanted = partition === undefined || partition === index
      return isWanted ? readRecords(log, topic, index, isolation, fromOffset) : []
    })
  }

  /** The next offset to be written. */
  endOffset(topic: string, partition: number): number {
    return this.#log(topic, partition).endOffset
  }

  startOffset(topic: string, partition: number): number {
    return this.#log(topic, partition).startOffset
  }

  lastStableOffset(topic: string, partition: number): number {
    return this.#log(topic, partition).lastStableOffset
  }

  /** A group's committed offset; -1 where it has none. */
  committedOffset(groupId: string, topic: string, partition: number): number {
    const group = this.#brokers.groups.find(groupId)?.group
    return group?.offsets.committed({ topic, partition }) ?? -1
  }

  /** Deletes the records below an offset, as retention does, whatever the cleanup policy. */
  deleteRecords(topic: string, partition: number, beforeOffset: number): void {
    this.#log(topic, partition).deleteBefore(beforeOffset)
  }

  /** Cuts the end of a partition off, as an unclean leader election does. */
  truncate(topic: string, partition: number, endOffset: number): void {
    this.#log(topic, partition).truncate(endOffset)
  }

  /** Runs the log cleaner over all partitions of a topic. */
  compact(topic: string, options: CompactOptions = {}): void {
    const found = this.#brokers.topics.find(topic)
    if (found === undefined) throw missing(topic)
    for (const { log } of found.partitions) compact(log, options)
  }

  leaderOf(topic: string, partition: number): number {
    return this.#partition(topic, partition).leaderId
  }

  /** Default: the next broker that is up. Nothing is lost, as replication is perfect here. */
  moveLeader(topic: string, partition: number, nodeId?: number): void {
    const found = this.#partition(topic, partition)
    this.#brokers.topics.moveLeader(found, nodeId ?? this.#after(found.leaderId))
  }

  coordinatorOf(kind: CoordinatorKind, key: string): number {
    return this.#brokers.brokers.coordinatorOf(kind, key)
  }

  /** Default: to the next broker that is up. While it loads it answers COORDINATOR_LOAD_IN_PROGRESS. */
  moveCoordinator(
    kind: CoordinatorKind,
    key: string,
    options: { readonly nodeId?: number; readonly loadingMs?: number } = {},
  ): void {
    const { brokers } = this.#brokers
    const nodeId = options.nodeId ?? this.#after(brokers.coordinatorOf(kind, key))
    this.#brokers.rearrange(() =>
      brokers.moveCoordinator(kind, key, nodeId, options.loadingMs ?? 0),
    )
  }

  /** Its connections break; its partitions and coordinators move to brokers that are up. */
  brokerDown(nodeId: number): void {
    this.#brokers.rearrange(() => this.#brokers.brokers.setUp(nodeId, false))
    for (const transport of this.#transports) transport.breakConnections(nodeId)
  }

  brokerUp(nodeId: number): void {
    this.#brokers.rearrange(() => this.#brokers.brokers.setUp(nodeId, true))
  }

  /** Ends every timer and connection. */
  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()))
    this.#brokers.timers.cancelAll()
  }

  #after(nodeId: number): number {
    const up = this.#brokers.brokers.up()
    return up[(up.indexOf(nodeId) + 1) % up.length] ?? -1
  }

  #log(topic: string, partition: number): PartitionLog {
    return this.#partition(topic, partition).log
  }

  #partition(topic: string, partition: number): Partition {
    const found = this.#brokers.topics.partition({ topic, partition })
    if (found === undefined) throw missing(`${topic}[${partition}]`)
    return found
  }
}

/**
 * ```ts
 * const clock = new VirtualClock()
 * const cluster = createSimulatedCluster({ clock, brokerCount: 3 })
 * cluster.createTopic('orders', { partitionCount: 4 })
 * const client = cluster.client()
 * await clock.run(client.connect())
 * ```
 */
export function createSimulatedCluster(options: SimulatedClusterOptions): SimulatedCluster {
  return new SimulatedCluster(options)
}

function missing(what: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_TOPIC_MISSING', { message: `${what} does not exist` })
}
