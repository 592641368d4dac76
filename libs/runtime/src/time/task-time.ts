import type { TaskId } from '@millrace/topology'
import { UpstreamTime, type UpstreamWriter } from './upstream-time.ts'

/** Stands for the external sources of a task that reads both those and repartitions. */
const ownSources = ''

export interface TaskTimeOptions {
  readonly taskId: TaskId
  readonly hasExternalSources: boolean
  /** All tasks that write the repartitions which this task reads; empty where none is shared. */
  readonly writers: readonly UpstreamWriter[]
}

/**
 * Stream time of a task. Fed by source topics, or by a single upstream task: the largest timestamp
 * it processed, as in Kafka Streams. Fed by several upstream tasks: the smallest over them, its own
 * external sources (where it has any) counting as one more.
 */
export class TaskTime {
  /** Null where the largest timestamp is enough. */
  readonly upstream: UpstreamTime | null
  readonly #own: number
  #largestMs = -1
  #isOwnIdle = false

  constructor(options: TaskTimeOptions) {
    const { taskId, writers } = options
    const all = options.hasExternalSources ? [...writers, { topic: ownSources, taskId }] : writers
    this.upstream = writers.length > 0 ? new UpstreamTime(all) : null
    this.#own = this.upstream?.indexOf({ topic: ownSources, taskId }) ?? -1
  }

  get streamTimeMs(): number {
    return this.upstream === null ? this.#largestMs : this.upstream.streamTimeMs
  }

  /** A record of an external source, or of a repartition without stamps, is processed. */
  observe(timestampMs: number): void {
    if (timestampMs <= this.#largestMs) return
    this.#largestMs = timestampMs
    if (this.#own >= 0) this.upstream?.update(this.#own, timestampMs, this.#isOwnIdle)
  }

  /** Largest timestamp of the task's own sources so far; for `takeBack`. */
  get ownTimeMs(): number {
    return this.#largestMs
  }

  /** Undoes `observe`. False where others may know of that time already. */
  takeBack(ownTimeMs: number): boolean {
    if (ownTimeMs === this.#largestMs) return true
    if (this.#own >= 0) return false
    this.#largestMs = ownTimeMs
    return true
  }

  /** Whether the task's external sources are one of those that its time waits for. */
  get waitsForOwnSources(): boolean {
    return this.#own >= 0
  }

  get isOwnIdle(): boolean {
    return this.#isOwnIdle
  }

  /** Whether every task upstream said that it is idle; true where there is none. */
  get areUpstreamsIdle(): boolean {
    return this.upstream === null || this.upstream.areAllIdle
  }

  /** The task's external sources are read to their end and silent, or speak again. */
  setOwnIdle(isIdle: boolean): void {
    if (this.#own < 0 || isIdle === this.#isOwnIdle) return
    this.#isOwnIdle = isIdle
    this.upstream?.update(this.#own, this.#largestMs, isIdle)
  }

  /** Takes over what an earlier run had reached; never goes back. */
  restore(streamTimeMs: number): void {
    this.#largestMs = Math.max(this.#largestMs, streamTimeMs)
  }
}
