import type { Decision, Decisions } from '../decisions/decisions.ts'
import type { TimeStamper } from '../output/time-stamper.ts'
import type { RecordQueue } from '../task/record-queue.ts'
import { SourceSilence } from './source-silence.ts'
import type { TaskTime } from './task-time.ts'

/** What is watched: a task. */
export interface Watched {
  readonly queues: readonly RecordQueue[]
  readonly time: TaskTime
  readonly compiled: { readonly stampers: readonly TimeStamper[] }
  readonly decisions: Decisions
}

/**
 * Decides that a task need not be waited for (decision 12): every source is proven read to its end
 * and silent for `idleOutAfterMs`, and every task upstream said the same of itself. It is back with
 * its next record.
 */
export class IdleWatch {
  readonly #watched: Watched
  readonly #idleOutAfterMs: number
  readonly #silences = new Map<RecordQueue, SourceSilence>()
  #isIdle = false

  constructor(watched: Watched, idleOutAfterMs: number) {
    this.#watched = watched
    this.#idleOutAfterMs = idleOutAfterMs
    for (const queue of watched.queues) this.#silences.set(queue, new SourceSilence())
  }

  /** A fetch of this source was answered. What it brought breaks the silence when processed. */
  answered(queue: RecordQueue, nowMs: number): void {
    const silence = this.#silences.get(queue) as SourceSilence
    if (queue.isPaused) silence.broken()
    else if (queue.isAtLogEnd) silence.provenAtEnd(nowMs)
    // Undecided transactions, say. Markers, though, wait in the queue and break nothing.
    else if (!queue.hasHead) silence.broken()
  }

  /** A record of this source is processed, or the source is paused. */
  broken(queue: RecordQueue): void {
    ;(this.#silences.get(queue) as SourceSilence).broken()
    if (!queue.node.isRepartition) this.#watched.time.setOwnIdle(false)
  }

  /** With each commit: takes the decision where it is due, and tells the tasks downstream. */
  check(nowMs: number): void {
    const { queues, time, compiled } = this.#watched
    this.#checkOwnSources()
    if (compiled.stampers.length === 0) return
    const isIdle = queues.every((queue) => this.#isSilent(queue)) && time.areUpstreamsIdle
    if (isIdle === this.#isIdle) return
    this.#isIdle = isIdle
    for (const stamper of compiled.stampers) stamper.tell(isIdle, nowMs)
    if (isIdle) this.#decide('idle-out', queues)
  }

  /** In a task that reads both, its external sources are one of those it waits for. */
  #checkOwnSources(): void {
    const { queues, time } = this.#watched
    if (!time.waitsForOwnSources || time.isOwnIdle) return
    const own = queues.filter((queue) => !queue.node.isRepartition)
    if (!own.every((queue) => this.#isSilent(queue))) return
    time.setOwnIdle(true)
    this.#decide('own-idle-out', own)
  }

  #decide(kind: Decision['kind'], queues: readonly RecordQueue[]): void {
    const streamTimeMs = this.#watched.time.streamTimeMs
    const positions = queues.map((queue) => ({ ...queue.source, offset: queue.position }))
    this.#watched.decisions.add({ kind, streamTimeMs, positions })
  }

  /** How long this source is proven silent. */
  silentMs(queue: RecordQueue): number {
    return (this.#silences.get(queue) as SourceSilence).lastedMs()
  }

  #isSilent(queue: RecordQueue): boolean {
    return this.silentMs(queue) >= this.#idleOutAfterMs
  }
}
