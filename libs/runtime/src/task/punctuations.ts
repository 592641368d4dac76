import type {
  CancelPunctuation,
  Collector,
  Punctuate,
  PunctuationSchedule,
} from '@millrace/topology'

/** A function that is called at times. */
export interface PunctuationCall {
  /** In the order in which a task's schedules were made. */
  readonly id: number
  readonly collector: Collector
  readonly punctuate: Punctuate
}

interface Scheduled extends PunctuationCall {
  readonly everyMs: number
  dueMs: number
  isCancelled: boolean
}

/**
 * The functions of a task's operators that are called at times and not with records. What passed
 * unseen is made up for by one call; the next one is due at the first multiple behind now.
 */
export class Punctuations {
  readonly #byStreamTime: Scheduled[] = []
  readonly #byWallClock: Scheduled[] = []
  readonly #run: (call: PunctuationCall, nowMs: number) => void
  #made = 0

  /** `run` makes the calls. */
  constructor(run: (call: PunctuationCall, nowMs: number) => void) {
    this.#run = run
  }

  /**
   * `nowMs` is the time that the schedule looks at: the task's stream time, -1 before the first
   * record (the first call is then due with it), or the wall clock.
   */
  add(
    { everyMs, by }: PunctuationSchedule,
    nowMs: number,
    collector: Collector,
    punctuate: Punctuate,
  ): CancelPunctuation {
    const isStreamTime = by === 'stream-time'
    const behind = isStreamTime && nowMs < 0 ? 0 : nowMs + everyMs
    const dueMs = isStreamTime ? behind - (behind % everyMs) : behind
    const id = this.#made++
    const scheduled = { id, everyMs, collector, punctuate, dueMs, isCancelled: false }
    ;(isStreamTime ? this.#byStreamTime : this.#byWallClock).push(scheduled)
    return () => {
      scheduled.isCancelled = true
    }
  }

  /** After a record, or when time moved without one. Whether anything was called. */
  streamTime(nowMs: number): boolean {
    return this.#byStreamTime.length > 0 && call(this.#byStreamTime, nowMs, this.#run)
  }

  get hasWallClock(): boolean {
    return this.#byWallClock.length > 0
  }

  wallClock(nowMs: number): boolean {
    return call(this.#byWallClock, nowMs, this.#run)
  }
}

function call(
  schedule: Scheduled[],
  nowMs: number,
  run: (call: PunctuationCall, nowMs: number) => void,
): boolean {
  let isAnyCalled = false
  for (const it of schedule) {
    if (it.isCancelled || it.dueMs > nowMs) continue
    it.dueMs += (Math.floor((nowMs - it.dueMs) / it.everyMs) + 1) * it.everyMs
    isAnyCalled = true
    run(it, nowMs)
  }
  for (let at = schedule.length - 1; at >= 0; at--) {
    if (schedule[at]?.isCancelled) schedule.splice(at, 1)
  }
  return isAnyCalled
}
