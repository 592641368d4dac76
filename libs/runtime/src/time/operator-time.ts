import type { OperatorTime } from '@millrace/topology'
import type { UpstreamTime } from './upstream-time.ts'

/** Where an operator's time is kept: a store's meta. */
export interface TimeKeeper {
  meta(name: string): Buffer | undefined
  setMeta(name: string, value: Buffer): void
}

const metaName = 'stream-time'

/**
 * Stream time of the operators that share one store. It is read from the store when the task
 * starts and written back at each seal that finds it moved, so that a restart, a take-over without
 * local disk or a replay makes the same late decisions (Kafka Streams forgets it).
 */
export class StoredTime implements OperatorTime {
  readonly #keeper: TimeKeeper
  /** Null where the task is fed by source topics, or by a single upstream task. */
  readonly #upstream: UpstreamTime | null
  #streamTimeMs = -1
  #savedMs = -1

  constructor(keeper: TimeKeeper, upstream: UpstreamTime | null) {
    this.#keeper = keeper
    this.#upstream = upstream
    const saved = keeper.meta(metaName)
    if (saved) this.#streamTimeMs = saved.readDoubleBE(0)
    this.#savedMs = this.#streamTimeMs
  }

  get streamTimeMs(): number {
    if (this.#upstream !== null) this.#raise(this.#upstream.streamTimeMs)
    return this.#streamTimeMs
  }

  observe(timestampMs: number): number {
    this.#raise(this.#upstream === null ? timestampMs : this.#upstream.streamTimeMs)
    return this.#streamTimeMs
  }

  /** At the seal of a commit. */
  save(): void {
    const now = this.streamTimeMs
    if (now === this.#savedMs) return
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(now, 0)
    this.#keeper.setMeta(metaName, bytes)
    this.#savedMs = now
  }

  #raise(toMs: number): void {
    if (toMs > this.#streamTimeMs) this.#streamTimeMs = toMs
  }
}
