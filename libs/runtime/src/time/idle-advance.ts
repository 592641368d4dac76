import type { Decisions } from '../decisions/decisions.ts'
import type { RecordQueue } from '../task/record-queue.ts'
import type { IdleWatch } from './idle-watch.ts'
import type { TaskTime } from './task-time.ts'

/** What of its task an idle advance looks at. */
export interface Advancing {
  readonly queues: readonly RecordQueue[]
  readonly time: TaskTime
  readonly idleWatch: IdleWatch
  readonly decisions: Decisions
}

/** Between two advances at least, whatever a source asks for: each is a record of the log. */
const stepMinMs = 1_000

/**
 * Lets the time of a task go on while its sources are silent (decision 13): all of its external
 * sources ask for it and are proven read to their end, and those that ever gave a record were live
 * with the last one. Time is then that of the last record plus the silence, never above the clock
 * less the delay.
 */
export class IdleAdvance {
  readonly #task: Advancing
  readonly #sources: readonly RecordQueue[]
  readonly #afterMs: number
  readonly #delayMs: number
  readonly #isOn: boolean
  /** Stream time with the last record, from which silence is counted; null while records come. */
  #baseMs: number | null = null
  #nowMs = 0

  constructor(task: Advancing) {
    this.#task = task
    this.#sources = task.queues.filter(({ node }) => !node.isRepartition)
    const asked = this.#sources.flatMap(({ node }) => node.idle ?? [])
    this.#isOn = asked.length > 0 && asked.length === this.#sources.length
    this.#afterMs = Math.max(0, ...asked.map(({ afterMs }) => afterMs))
    this.#delayMs = Math.max(0, ...asked.map(({ delayMs }) => delayMs))
  }

  /** The wall clock, told between chunks of records. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs
  }

  /** A record of this source is processed. */
  heard(queue: RecordQueue, timestampMs: number): void {
    const { idle } = queue.node
    if (idle === undefined) return
    queue.isLive = Math.abs(this.#nowMs - timestampMs) <= idle.afterMs
    this.#baseMs = null
  }

  /** The time to advance to now, decided and logged; null where none is due. */
  due(nowMs: number): number | null {
    if (!this.#isOn) return null
    const { time, queues, decisions } = this.#task
    const silentMs = this.#silentMs()
    if (silentMs === null) return null
    this.#baseMs ??= Math.max(time.ownTimeMs, ...this.#sources.map((each) => each.partitionTimeMs))
    const toMs = Math.min(this.#baseMs + silentMs, nowMs - this.#delayMs)
    if (toMs < time.ownTimeMs + Math.max(stepMinMs, this.#afterMs / 4)) return null
    const positions = queues.map((queue) => ({ ...queue.source, offset: queue.position }))
    decisions.add({ kind: 'idle-advance', streamTimeMs: toMs, positions })
    return toMs
  }

  /** Whether records alone would not have brought the task's time this far. */
  isBehind(timeMs: number): boolean {
    return this.#isOn && this.#sources.every((queue) => queue.partitionTimeMs < timeMs)
  }

  /** How long all sources have been silent; null where time may not go on by that. */
  #silentMs(): number | null {
    const { idleWatch } = this.#task
    let silentMs = Number.POSITIVE_INFINITY
    let isAnyLive = false
    for (const queue of this.#sources) {
      const isEmpty = queue.highWatermark >= 0 && queue.logStartOffset === queue.highWatermark
      // A feed of old data that rests is not made late; an empty partition has nothing to be late.
      if (queue.isLive === false || (queue.isLive === null && !isEmpty)) return null
      isAnyLive ||= queue.isLive === true
      silentMs = Math.min(silentMs, idleWatch.silentMs(queue))
    }
    return isAnyLive && silentMs >= this.#afterMs ? silentMs : null
  }
}
