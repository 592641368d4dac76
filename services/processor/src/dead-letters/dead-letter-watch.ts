import { BatchCursor, type Cluster } from '@millrace/kafka'
import { headerText, type TopicPartition } from '@millrace/record'
import { letterPosition, readLatest, settledLettersTopic } from '@millrace/runtime'
import type { Cell } from '@millrace/telemetry'
import type { CancelTimer, Clock } from '@millrace/time'

export interface DeadLetterWatchOptions {
  readonly cluster: Cluster
  readonly applicationId: string
  readonly topic: string
  /** When the oldest letter that waits had failed, seconds; no series where none waits. */
  readonly oldest: Pick<Cell, 'set' | 'clear'>
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
}

/** Where a partition is looked at next: at its first letter that is not settled, or at its end. */
interface Place extends TopicPartition {
  readonly offset: number
  /** Of the letter there; null at the end. */
  readonly failedAtMs: number | null
}

const everyMs = 30_000

/**
 * Looks now and then for the oldest dead letter of which nothing has become (`millrace dlq`). Each letter
 * is read once, and that one again that waits.
 */
export class DeadLetterWatch {
  readonly #options: DeadLetterWatchOptions
  #places: readonly Place[] = []
  #settled: ReadonlySet<string> = new Set()
  #ledgerEnd = -1
  #cancel: CancelTimer = () => {}
  #isStopped = false

  constructor(options: DeadLetterWatchOptions) {
    this.#options = options
  }

  start(): void {
    void this.#again()
  }

  /** Nothing waits for it. */
  stop(): void {
    this.#isStopped = true
    this.#cancel()
  }

  async #again(): Promise<void> {
    const { cluster, clock, onTrouble } = this.#options
    try {
      await cluster.connect()
      await this.look()
    } catch (error) {
      onTrouble(error)
    }
    if (this.#isStopped) await cluster.close().catch(onTrouble)
    else this.#cancel = clock.setTimer(everyMs, () => void this.#again())
  }

  /** Once. Rejects where the cluster does not answer. */
  async look(): Promise<void> {
    const { cluster, topic, oldest } = this.#options
    await this.#readLedger()
    const found = (await cluster.metadata([topic])).get(topic)
    const partitions = Array.from({ length: found?.partitionCount ?? 0 }, (_, partition) => {
      return { topic, partition }
    })
    const starts = await list(cluster, partitions, 'earliest')
    const ends = await list(cluster, partitions, 'latest')
    const places: Place[] = []
    for (const { partition } of partitions) {
      const before = this.#places.find((place) => place.partition === partition)
      const offset = Math.max(before?.offset ?? 0, starts.get(partition) ?? 0)
      places.push(await this.#place({ topic, partition }, offset, ends.get(partition) ?? 0))
    }
    this.#places = places
    const times = places.flatMap(({ failedAtMs }) => failedAtMs ?? [])
    if (times.length === 0) oldest.clear()
    else oldest.set(Math.min(...times) / 1_000)
  }

  /** Again only where something was added to it. */
  async #readLedger(): Promise<void> {
    const { cluster, applicationId } = this.#options
    const topic = settledLettersTopic(applicationId)
    if (!(await cluster.metadata([topic])).has(topic)) return
    const end = (await list(cluster, [{ topic, partition: 0 }], 'latest')).get(0) ?? 0
    if (end === this.#ledgerEnd) return
    this.#settled = new Set((await readLatest(cluster, topic)).keys())
    this.#ledgerEnd = end
  }

  /** The first letter from an offset on that is not settled. */
  async #place(at: TopicPartition, from: number, end: number): Promise<Place> {
    if (from >= end) return { ...at, offset: from, failedAtMs: null }
    const fetcher = this.#options.cluster.fetcher({ isolation: 'read_committed' })
    const cursor = new BatchCursor()
    try {
      fetcher.assign([{ ...at, offset: from }])
      let offset = from
      while (offset < end && !this.#isStopped) {
        for (const fetched of await fetcher.poll(500)) {
          for (const batch of fetched.batches) {
            cursor.load(batch)
            while (cursor.next()) {
              if (cursor.offset < from || cursor.offset >= end) continue
              const headers = cursor.headers()
              const position = letterPosition(headers, { ...at, offset: cursor.offset })
              if (this.#settled.has(position)) continue
              const failedAt = Number(headerText(headers, 'millrace.dlq.failed-at'))
              const failedAtMs = Number.isFinite(failedAt) ? failedAt : cursor.timestampMs
              return { ...at, offset: cursor.offset, failedAtMs }
            }
          }
          offset = fetched.nextOffset
        }
      }
      return { ...at, offset, failedAtMs: null }
    } finally {
      await fetcher.close()
    }
  }
}

async function list(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: 'earliest' | 'latest',
): Promise<ReadonlyMap<number, number>> {
  if (partitions.length === 0) return new Map()
  const listed = await cluster.listOffsets(partitions, at, 'read_committed')
  return new Map(listed.map(({ partition, offset }) => [partition, offset]))
}
