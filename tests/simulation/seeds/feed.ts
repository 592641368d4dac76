import type { Random, SimulatedCluster } from '@millrace/simulation'
import { partitionCount, type Reading, topics } from './application.ts'

export interface FedRecord {
  readonly partition: number
  readonly offset: number
  readonly sensor: string
  readonly timestampMs: number
  /** Null: a record without value, or one that cannot be read. */
  readonly reading: Reading | null
  readonly isPoison: boolean
}

const sensorsPerPartition = 2
const items = 8

/** Writes readings: in order of time but for a few that come late, some of them no readings at all. */
export class Feed {
  readonly records: FedRecord[] = []
  readonly #cluster: SimulatedCluster
  readonly #random: Random
  readonly #startMs: number

  constructor(cluster: SimulatedCluster, random: Random, startMs: number) {
    this.#cluster = cluster
    this.#random = random
    this.#startMs = startMs
  }

  /** A few records, `elapsedMs` after the start. */
  write(elapsedMs: number): void {
    const count = this.#random.int(6)
    for (let i = 0; i < count; i++) this.#append(elapsedMs)
  }

  #append(elapsedMs: number): void {
    const random = this.#random
    const partition = random.int(partitionCount)
    const sensor = `sensor-${partition}-${random.int(sensorsPerPartition)}`
    const latenessMs = random.chance(0.05) ? 10_000 + random.int(20_000) : random.int(500)
    const timestampMs = this.#startMs + Math.max(0, elapsedMs - latenessMs)
    const isPoison = random.chance(0.01)
    const isEmpty = !isPoison && random.chance(0.01)
    const id = this.records.length
    const reading = { id, item: `item-${random.int(items)}`, n: random.int(2_000) - 1_000 }
    const value = isPoison ? `{"id":${id}` : JSON.stringify(reading)
    const offset = this.#cluster.append(topics.input, partition, {
      key: Buffer.from(sensor),
      value: isEmpty ? null : Buffer.from(value),
      timestampMs,
    })
    const isReading = !isPoison && !isEmpty
    this.records.push({
      partition,
      offset,
      sensor,
      timestampMs,
      reading: isReading ? reading : null,
      isPoison,
    })
  }
}
