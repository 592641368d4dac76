import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'

const tickMs = 100
const keysPerPartition = 4

export interface FeedOptions {
  readonly cluster: Cluster
  readonly topic: string
  readonly partitions: number
  /** Records a second, over all partitions. */
  readonly perSecond: number
}

/** Readings of now, to every partition in turn, until it is stopped. */
export class LiveFeed {
  perSecond: number
  /** These get none. */
  readonly silent = new Set<number>()
  /** Of so many readings one is ten minutes old; 0: none. */
  oneLateIn = 0
  fed = 0
  readonly #options: FeedOptions
  readonly #stopped = new AbortController()
  readonly #running: Promise<void>

  constructor(options: FeedOptions) {
    this.#options = options
    this.perSecond = options.perSecond
    this.#running = this.#run()
    // Seen by `stop`.
    this.#running.catch(() => {})
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { cluster } = this.#options
    const producer = cluster.producer({ deliveryTimeoutMs: 600_000 })
    try {
      while (!this.#stopped.signal.aborted) {
        const count = Math.round((this.perSecond * tickMs) / 1_000)
        for (let n = 0; n < count; n++) this.#append(producer)
        // Nobody waits here while a broker is down: what it takes is taken then.
        await producer.flush()
        await sleep(tickMs)
      }
    } finally {
      await producer.close()
    }
  }

  #append(producer: ReturnType<Cluster['producer']>): void {
    const { topic, partitions } = this.#options
    const number = this.fed++
    const partition = number % partitions
    if (this.silent.has(partition)) return
    const isLate = this.oneLateIn > 0 && number % this.oneLateIn === 0
    const key = `p${partition}k${Math.floor(number / partitions) % keysPerPartition}`
    const atMs = Date.now() - (isLate ? 600_000 : 0)
    producer.append(topic, partition, Buffer.from(key), Buffer.from('{"reading":1}'), atMs, [])
  }
}
