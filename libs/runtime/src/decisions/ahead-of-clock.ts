import type { FailureHandler } from '../failure/failure-handler.ts'
import type { RecordQueue } from '../task/record-queue.ts'
import type { Source } from '../task/source-runner.ts'
import type { TaskTime } from '../time/task-time.ts'
import type { Decisions } from './decisions.ts'

interface Bounded {
  readonly queue: RecordQueue
  readonly source: Source
  readonly maxMs: number
}

/**
 * Takes records out whose event time is further ahead of the clock than their source allows: as
 * soon as they are the head, since one that waited for its turn would hold up those behind it.
 */
export class AheadOfClock {
  readonly #bounded: readonly Bounded[]
  readonly #failures: FailureHandler
  readonly #task: { readonly time: TaskTime; readonly decisions: Decisions }
  #nowMs = 0

  constructor(
    sources: ReadonlyMap<RecordQueue, Source>,
    failures: FailureHandler,
    task: { readonly time: TaskTime; readonly decisions: Decisions },
  ) {
    this.#failures = failures
    this.#task = task
    this.#bounded = [...sources].flatMap(([queue, source]) => {
      const maxMs = queue.node.maxFutureSkewMs
      return maxMs === undefined ? [] : [{ queue, source, maxMs }]
    })
  }

  /** The wall clock, told between chunks of records. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs
  }

  /** Sets one head aside, and decides so; false where none is ahead. */
  takeOut(): boolean {
    for (const { queue, source, maxMs } of this.#bounded) {
      if (!queue.hasHead || queue.isPaused) continue
      const isMarked = queue.headOffset >= source.markedOffset
      const isAhead = isMarked
        ? this.#failures.wasAhead(queue)
        : queue.headTimestampMs > this.#nowMs + maxMs && queue.isHeadTimed
      if (!isAhead) continue
      const timestampMs = queue.headTimestampMs
      this.#failures.setAsideAhead(queue, maxMs)
      if (isMarked) source.markedOffset = this.#failures.nextMarked(queue)
      const positions = [{ ...queue.source, offset: queue.taken.offset }]
      const { time, decisions } = this.#task
      decisions.add({ kind: 'ahead', streamTimeMs: time.streamTimeMs, positions, timestampMs })
      return true
    }
    return false
  }
}
