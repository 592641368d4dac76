import type { CompiledNode } from '../task/compiled-node.ts'
import type { Punctuations } from '../task/punctuations.ts'
import type { StoredTimes } from './stored-times.ts'
import type { TaskTime } from './task-time.ts'

export interface TimeStepsOptions {
  readonly time: TaskTime
  readonly storedTimes: StoredTimes | null
  readonly operators: readonly CompiledNode[]
  readonly punctuations: Punctuations
}

/** What is due when a task's time moves without a record for its operators. */
export class TimeSteps {
  readonly #options: TimeStepsOptions

  constructor(options: TimeStepsOptions) {
    this.#options = options
  }

  /**
   * Time is this late: a heartbeat says so, or silence. Each operator is told before those it feeds
   * know of that time, so that what it sends to them is not late there.
   */
  to(timeMs: number): void {
    const { time, storedTimes, operators } = this.#options
    time.observe(timeMs)
    for (const operator of operators) {
      for (const store of operator.node.stores) storedTimes?.of(store).observe(timeMs)
      operator.processor.advance?.(operator)
    }
    this.#punctuate()
  }

  /** An upstream task said how far time is. Whether anything was called. */
  told(): boolean {
    for (const operator of this.#options.operators) operator.processor.advance?.(operator)
    return this.#punctuate()
  }

  /** Calls what is due by the wall clock. Whether anything was called. */
  byClock(nowMs: number): boolean {
    const { punctuations } = this.#options
    return punctuations.hasWallClock && punctuations.wallClock(nowMs)
  }

  #punctuate(): boolean {
    const { time, punctuations } = this.#options
    return punctuations.streamTime(time.streamTimeMs)
  }
}
