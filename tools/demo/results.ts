import { BatchCursor, type Cluster, type Fetcher } from '@millrace/kafka'
import { string, windowed } from '@millrace/record'
import type { DelayStatistics } from './judge/windows.ts'
import { demoTopics, inputPartitions } from './topics.ts'

export interface LiveRow extends DelayStatistics {
  readonly origin: string
  readonly startMs: number
}

const hourMs = 3_600_000
const keySerde = windowed(string, hourMs)

/** Follows the hourly view as it is written: what a reader of the topic sees. */
export class LiveResults {
  readonly #fetcher: Fetcher
  readonly #cursor = new BatchCursor()
  readonly #latest = new Map<string, LiveRow>()
  received = 0

  constructor(cluster: Cluster) {
    this.#fetcher = cluster.fetcher({ isolation: 'read_committed' })
    const partitions = Array.from({ length: inputPartitions }, (_, partition) => partition)
    this.#fetcher.assign(
      partitions.map((partition) => ({ topic: demoTopics.perHour, partition, offset: 0 })),
    )
  }

  /** Takes in what has come; waits for it up to the time given. */
  async poll(timeoutMs: number): Promise<void> {
    for (const { batches } of await this.#fetcher.poll(timeoutMs)) {
      for (const batch of batches) {
        this.#cursor.load(batch)
        while (this.#cursor.next()) this.#take(this.#cursor.key(), this.#cursor.value())
      }
    }
  }

  /** The busiest airports, each with its newest hour. */
  top(count: number): readonly LiveRow[] {
    return [...this.#latest.values()]
      .sort((a, b) => b.flights - a.flights || a.origin.localeCompare(b.origin))
      .slice(0, count)
  }

  close(): Promise<void> {
    return this.#fetcher.close()
  }

  #take(key: Buffer | null, value: Buffer | null): void {
    if (key === null || value === null) return
    const { key: origin, window } = keySerde.deserialize(key)
    this.received += 1
    const known = this.#latest.get(origin)
    if (known && known.startMs > window.startMs) return
    this.#latest.set(origin, {
      origin,
      startMs: window.startMs,
      ...(JSON.parse(String(value)) as DelayStatistics),
    })
  }
}
