import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import { until } from '../../integration/harness/until.ts'
import { between } from './random.ts'

export interface FeederOptions {
  readonly cluster: Cluster
  readonly topic: string
  readonly partitions: number
  readonly items: number
  readonly perSecond: number
  readonly random: () => number
}

const tickMs = 50

/**
 * Writes readings at a steady rate, in the background, until it is stopped. All readings of an item
 * go to one partition, so that their order behind the repartition is that of the input.
 */
export class Feeder {
  readonly #options: FeederOptions
  #fed = 0
  #isStopped = false
  #running: Promise<void> = Promise.resolve()

  constructor(options: FeederOptions) {
    this.#options = options
  }

  /** Readings written, or on their way. */
  get fed(): number {
    return this.#fed
  }

  start(): void {
    this.#running = this.#run()
    // Seen by `stop`.
    this.#running.catch(() => {})
  }

  /** Resolves when everything written is acknowledged. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  /** Waits until so many more readings are out: a time that the seed decides, not the machine. */
  async more(readings: number): Promise<void> {
    const target = this.#fed + readings
    await until(`${readings} more readings are fed`, () => this.#fed >= target)
  }

  async #run(): Promise<void> {
    const { cluster, perSecond } = this.#options
    const producer = cluster.producer({ deliveryTimeoutMs: 300_000 })
    const startedAtMs = performance.now()
    try {
      while (!this.#isStopped) {
        const due = Math.floor(((performance.now() - startedAtMs) / 1_000) * perSecond)
        // After a time without broker not everything at once.
        for (let n = Math.min(due - this.#fed, perSecond); n > 0; n--) this.#append(producer)
        await producer.flush()
        await sleep(tickMs)
      }
    } finally {
      await producer.close()
    }
  }

  #append(producer: ReturnType<Cluster['producer']>): void {
    const { topic, partitions, items, random } = this.#options
    const number = between(random, 0, items)
    const reading = { id: this.#fed, item: `i${number}`, n: between(random, -1_000, 1_000) }
    const value = Buffer.from(JSON.stringify(reading))
    const partition = number % partitions
    producer.append(topic, partition, Buffer.from(`s${this.#fed}`), value, Date.now(), [])
    this.#fed += 1
  }
}
