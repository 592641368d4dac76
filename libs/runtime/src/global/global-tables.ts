import { assert, MillraceError } from '@millrace/errors'
import {
  BatchCursor,
  type Cluster,
  type FetchedPartition,
  type Fetcher,
  type PartitionOffset,
} from '@millrace/kafka'
import { isUnresolved, type TopicPartition } from '@millrace/record'
import type { TaskState } from '@millrace/store'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { GlobalRows, GlobalTableSpec, Topology } from '@millrace/topology'
import { partitionKey } from '../assignment/task-definition.ts'
import { partitionCountsOf } from '../internal-topics/topic-set.ts'
import { openState } from '../restore/open-state.ts'
import type { StateBackends } from '../restore/state-backends.ts'

export interface GlobalTablesOptions {
  readonly topology: Topology
  readonly applicationId: string
  readonly cluster: Cluster
  readonly backends: StateBackends
  /** Each thread reads for itself. */
  readonly thread: number
  readonly clock: Clock
  readonly logger: Logger
  readonly cacheRowsMax: number
}

/**
 * The global tables of a thread: each topic read in full before tasks start, and followed from
 * then on (Kafka Streams' `GlobalStateManagerImpl`). The rows lie in a backend of their own, with
 * how far they go; the topic itself is their changelog.
 *
 * The last record of a key is its row, a null value deletes it, a null key is passed over.
 */
export class GlobalTables {
  readonly #options: GlobalTablesOptions
  readonly #state: TaskState
  readonly #fetcher: Fetcher
  readonly #tableOf: ReadonlyMap<string, readonly GlobalTableSpec[]>
  /** Where to read on, by `partitionKey`. */
  readonly #positions: Map<string, TopicPartition & { offset: number }>
  readonly #cursor = new BatchCursor()

  private constructor(
    options: GlobalTablesOptions,
    state: TaskState,
    positions: readonly PartitionOffset[],
  ) {
    this.#options = options
    this.#state = state
    this.#positions = new Map(positions.map((each) => [partitionKey(each), { ...each }]))
    const specs = [...options.topology.globalTables.values()]
    this.#tableOf = Map.groupBy(specs, ({ topic }) => topic)
    this.#fetcher = options.cluster.fetcher({ isolation: 'read_committed' })
    this.#fetcher.assign(positions)
  }

  /** Resolves when everything that lay in the topics at the call has been read. */
  static async open(options: GlobalTablesOptions): Promise<GlobalTables | null> {
    const { topology, cluster } = options
    if (topology.globalTables.size === 0) return null
    const partitions = await partitionsOf(topology, cluster)
    // Captured before reading: a producer that goes on writing would move the goal.
    const ends = await cluster.listOffsets(partitions, 'latest', 'read_committed')
    const starts = await cluster.listOffsets(partitions, 'earliest', 'read_committed')
    const state = await openRows(options)
    const known = new Map(
      state.positions.inputOffsets.map((each) => [partitionKey(each), each.offset]),
    )
    const positions = starts.map((start) => {
      const offset = Math.max(start.offset, known.get(partitionKey(start)) ?? 0)
      return { topic: start.topic, partition: start.partition, offset }
    })
    const tables = new GlobalTables(options, state, positions)
    try {
      while (!ends.every((end) => tables.hasRead(end))) await tables.poll(100)
      return tables
    } catch (error) {
      await tables.close()
      throw error
    }
  }

  /** Takes in what has been fetched; between two slices of processing. */
  async poll(timeoutMs: number): Promise<void> {
    const polled = await this.#fetcher.poll(timeoutMs)
    if (polled.length === 0) return
    for (const fetched of polled) await this.#take(fetched)
    await this.#state.apply(await this.#state.seal(), {
      inputOffsets: [...this.#positions.values()],
      changelogOffsets: new Map(),
      atMs: this.#options.clock.nowMs(),
    })
  }

  /** Whether everything up to this offset has been taken in. */
  hasRead(end: PartitionOffset): boolean {
    return this.#offsetOf(end) >= end.offset
  }

  /** Every partition that is read, and where to read on. */
  get positions(): readonly PartitionOffset[] {
    return [...this.#positions.values()]
  }

  rows<K, V>(name: string): GlobalRows<K, V> {
    return this.#state.store<K, V>(name)
  }

  async close(): Promise<void> {
    await this.#fetcher.close()
    await this.#state.close()
  }

  #offsetOf(partition: TopicPartition): number {
    const position = this.#positions.get(partitionKey(partition))
    assert(position, `${partitionKey(partition)} is read`)
    return position.offset
  }

  async #take(fetched: FetchedPartition): Promise<void> {
    const specs = this.#tableOf.get(fetched.topic) ?? []
    const cursor = this.#cursor
    for (const batch of fetched.batches) {
      cursor.load(batch)
      while (cursor.next()) {
        if (cursor.offset < fetched.offset) continue
        const key = cursor.key()
        if (key === null) continue
        for (const spec of specs) {
          while (true) {
            const awaited = this.#put(spec, fetched, key)
            if (awaited === null) break
            await awaited
          }
        }
      }
    }
    const position = this.#positions.get(partitionKey(fetched))
    if (position !== undefined) position.offset = fetched.nextOffset
  }

  /**
   * What is to be awaited before the record can be read; null where it has been put.
   * Throws what the serdes throw: a table with a hole in it would join wrongly without a word.
   */
  #put(spec: GlobalTableSpec, at: TopicPartition, keyBytes: Buffer): Promise<void> | null {
    const cursor = this.#cursor
    const valueBytes = cursor.value()
    try {
      const store = this.#state.store<unknown, unknown>(spec.name)
      const row = store.row(spec.keySerde.deserialize(keyBytes))
      const value = valueBytes === null ? null : spec.valueSerde.deserialize(valueBytes)
      if (value === null && row.value === null) return null
      row.value = value
      row.timestampMs = cursor.timestampMs
      store.changed(row)
      return null
    } catch (cause) {
      if (isUnresolved(cause)) return cause.resolved
      throw new MillraceError('MILLRACE_RUNTIME_GLOBAL_TABLE', {
        message: `${partitionKey(at)} offset ${cursor.offset} cannot be read into ${spec.name}`,
        cause,
      })
    }
  }
}

async function partitionsOf(topology: Topology, cluster: Cluster): Promise<TopicPartition[]> {
  const topics = [...new Set([...topology.globalTables.values()].map(({ topic }) => topic))]
  const counts = await partitionCountsOf(cluster, topics)
  return topics.flatMap((topic) =>
    Array.from({ length: counts.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
  )
}

/** The rows as they were left; made anew where they are damaged or of another plan. */
async function openRows(options: GlobalTablesOptions): Promise<TaskState> {
  const { topology, thread } = options
  const name = `global-${thread}`
  const stores = [...topology.globalTables.values()].map((spec) => ({
    name: spec.name,
    kind: 'key-value' as const,
    keySerde: spec.keySerde,
    valueSerde: spec.valueSerde,
    version: 1,
    why: 'a global table is read in full',
  }))
  const planned = stores.map(
    (store) => `${store.name} ${store.keySerde.name} ${store.valueSerde.name}`,
  )
  const fingerprint = planned.join('; ')
  const { state } = await openState({ name }, { ...options, stores, fingerprint })
  if (state.recorded === undefined || state.recorded.fingerprint === fingerprint) return state
  await state.close()
  await options.backends.destroy(name)
  return (await openState({ name }, { ...options, stores, fingerprint })).state
}
