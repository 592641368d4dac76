import { createHash } from 'node:crypto'
import type { SimulatedCluster } from '@millrace/simulation'

/** Every request and happening of a run in one hash: two runs of a seed that differ, differ here. */
export class Trace {
  /** What happened, for people. */
  readonly story: string[] = []
  readonly #hash = createHash('sha256')
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  event(what: string): void {
    this.#hash.update(`${this.#nowMs()} ${what}\n`)
  }

  tell(line: string): void {
    this.event(line)
    this.story.push(`${(this.#nowMs() / 1_000).toFixed(3).padStart(8)} s  ${line}`)
  }

  /** Ends with everything that lies in the cluster. */
  digest(cluster: SimulatedCluster): string {
    for (const topic of cluster.topics().toSorted()) {
      for (const record of cluster.readAll(topic, undefined, 'read_uncommitted')) {
        this.#hash.update(`${topic}-${record.partition}@${record.offset} ${record.timestampMs}\n`)
        if (record.key !== null) this.#hash.update(record.key)
        if (record.value !== null) this.#hash.update(record.value)
      }
    }
    return this.#hash.digest('hex').slice(0, 16)
  }
}
