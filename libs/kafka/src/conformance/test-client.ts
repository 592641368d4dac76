import { assert } from '@millrace/errors'
import { type Headers, noHeaders, type TopicPartition } from '@millrace/record'
import type { Clock } from '@millrace/time'
import type { Admin } from '../ports/admin.ts'
import type { Cluster, Isolation, PartitionOffset } from '../ports/cluster.ts'
import type { Fetcher, FetcherOptions } from '../ports/fetcher.ts'
import type { Producer, ProducerOptions, TransactionalProducer } from '../ports/producer.ts'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { PartitionReader, type ReadRecord } from './partition-reader.ts'
import { type MemberOptions, TestMember } from './test-member.ts'

/** A record in short; what is left out is null, none, or the present time. */
export interface ShortRecord {
  readonly key?: string | null
  readonly value?: string | null
  readonly timestampMs?: number
  readonly headers?: Headers
}

const conditionTimeoutMs = 60_000

/** What one test works with. Remembers everything it opened and closes it at the end. */
export class TestClient {
  readonly clock: Clock
  readonly cluster: Cluster
  readonly #underTest: ClusterUnderTest
  readonly #prefix: string
  readonly #opened: (() => Promise<void>)[] = []
  #names = 0

  constructor(underTest: ClusterUnderTest, prefix: string, cluster: Cluster) {
    this.clock = underTest.clock
    this.cluster = cluster
    this.#underTest = underTest
    this.#prefix = prefix
    this.#opened.push(() => cluster.close())
  }

  get admin(): Admin {
    return this.cluster.admin
  }

  /** A second client of the same cluster: another process, as far as the cluster can tell. */
  async connect(): Promise<Cluster> {
    const cluster = await this.#underTest.connect()
    this.#opened.push(() => cluster.close())
    return cluster
  }

  clean(topic: string): void {
    this.#underTest.clean?.(topic)
  }

  name(what: string): string {
    this.#names += 1
    return `${this.#prefix}-${what}-${this.#names}`
  }

  async topic(
    partitionCount = 1,
    configs: { readonly [name: string]: string } = {},
  ): Promise<string> {
    const topic = this.name('topic')
    await this.admin.createTopics([{ topic, partitionCount, configs }])
    return topic
  }

  producer(options: ProducerOptions = {}): Producer {
    return this.opened(this.cluster.producer(options))
  }

  /** Initialised. */
  async transactionalProducer(
    transactionalId = this.name('transactional-id'),
    cluster = this.cluster,
    options: ProducerOptions & { readonly transactionTimeoutMs?: number } = {},
  ): Promise<TransactionalProducer> {
    const producer = this.opened(cluster.transactionalProducer({ ...options, transactionalId }))
    await producer.init()
    return producer
  }

  fetcher(options: FetcherOptions): Fetcher {
    return this.opened(this.cluster.fetcher({ maxWaitMs: 100, ...options }))
  }

  member(options: MemberOptions, cluster = this.cluster): TestMember {
    const member = new TestMember(this, cluster, options)
    this.#opened.push(() => member.leave())
    return member
  }

  /** Writes records to one partition and waits for them; resolves to the offset after the last. */
  async write(at: TopicPartition, records: readonly ShortRecord[]): Promise<number> {
    const producer = this.cluster.producer({})
    try {
      this.append(producer, at, records)
      const [end] = await producer.flush()
      return end?.offset ?? 0
    } finally {
      await producer.close()
    }
  }

  append(
    producer: Producer,
    { topic, partition }: TopicPartition,
    records: readonly ShortRecord[],
  ): void {
    for (const {
      key = null,
      value = null,
      timestampMs = this.clock.nowMs(),
      headers = noHeaders,
    } of records) {
      producer.append(topic, partition, bytes(key), bytes(value), timestampMs, headers)
    }
  }

  reader(at: TopicPartition, isolation: Isolation, offset = 0): PartitionReader {
    return new PartitionReader(this, this.fetcher({ isolation }), { ...at, offset })
  }

  /** Everything from an offset to the partition's present end, as the isolation sees it. */
  async read(at: TopicPartition, isolation: Isolation, offset = 0): Promise<readonly ReadRecord[]> {
    const end = await this.endOffset(at, isolation)
    const reader = this.reader(at, isolation, offset)
    await reader.readTo(end)
    return reader.records
  }

  async endOffset(at: TopicPartition, isolation: Isolation): Promise<number> {
    return (await this.cluster.listOffsets([at], 'latest', isolation))[0]?.offset ?? -1
  }

  async committed(
    groupId: string,
    at: TopicPartition,
    requireStable = true,
  ): Promise<number | null> {
    const [found] = await this.cluster.committedOffsets(groupId, [at], { requireStable })
    return found?.offset ?? null
  }

  /** Waits on a condition with a deadline. */
  async until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const giveUpAtMs = this.clock.monotonicMs() + conditionTimeoutMs
    while (!(await condition())) {
      assert(this.clock.monotonicMs() < giveUpAtMs, `waited ${conditionTimeoutMs} ms for: ${what}`)
      await this.pause(20)
    }
  }

  /** True where the promise is still pending after a while: something waits, as it should. */
  async isPendingFor(delayMs: number, promise: Promise<unknown>): Promise<boolean> {
    const settled = promise.then(
      () => false,
      () => false,
    )
    return Promise.race([settled, this.pause(delayMs).then(() => true)])
  }

  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimer(delayMs, resolve)
    })
  }

  opened<T extends { close(): Promise<void> }>(thing: T): T {
    this.#opened.push(() => thing.close())
    return thing
  }

  /** In reverse: members and producers before their clusters. All are tried; the first error is thrown. */
  async close(): Promise<void> {
    const errors: unknown[] = []
    for (const close of this.#opened.reverse())
      await close().catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw errors[0]
  }
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text)
}

export function offsetsAt(at: TopicPartition, offset: number): readonly PartitionOffset[] {
  return [{ ...at, offset }]
}
