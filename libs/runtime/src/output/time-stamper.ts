import type { Headers } from '@millrace/record'
import type { TaskId } from '@millrace/topology'
import type { TaskTime } from '../time/task-time.ts'
import { encodeTimeHeader, setStreamTime, timeHeaderName } from '../time/time-header.ts'
import type { OutputTopic } from './output-topic.ts'

export interface TimeStamperOptions {
  readonly taskId: TaskId
  readonly time: TaskTime
  readonly output: OutputTopic
  /** Least time between two rounds of markers. Default 1,000. */
  readonly markerIntervalMs?: number
}

/**
 * Carries a task's stream time into one repartition topic (decision 12): as a header on every
 * record, and on marker records to every partition when it moved, so that partitions which get
 * nothing of this task know of its time too.
 */
export class TimeStamper {
  readonly #options: TimeStamperOptions
  readonly #bytes: Buffer
  /** One header for all records: producers copy it. */
  readonly #headers: Headers
  #toldMs = Number.NaN
  #isIdle = false
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(options: TimeStamperOptions) {
    this.#options = options
    this.#bytes = encodeTimeHeader({
      ...options.taskId,
      streamTimeMs: -1,
      isIdle: false,
      isMarker: false,
    })
    this.#headers = [[timeHeaderName, this.#bytes]]
  }

  /** The header for a record sent now. */
  current(): Headers {
    setStreamTime(this.#bytes, this.#options.time.streamTimeMs)
    return this.#headers
  }

  /** With a commit: tells every partition where time moved, at most once an interval. */
  mark(nowMs: number): void {
    const { time, markerIntervalMs = 1_000 } = this.#options
    if (time.streamTimeMs === this.#toldMs) return
    if (nowMs - this.#toldAtMs < markerIntervalMs) return
    this.tell(this.#isIdle, nowMs)
  }

  /** Tells every partition, whatever was told before: at start, when idle, before the end. */
  tell(isIdle: boolean, nowMs: number): void {
    const { taskId, time, output } = this.#options
    const streamTimeMs = time.streamTimeMs
    const bytes = encodeTimeHeader({ ...taskId, streamTimeMs, isIdle, isMarker: true })
    const headers: Headers = [[timeHeaderName, bytes]]
    for (let partition = 0; partition < output.partitionCount; partition++) {
      output.append(partition, null, null, Math.max(0, streamTimeMs), headers)
      output.records--
    }
    this.#isIdle = isIdle
    this.#toldMs = streamTimeMs
    this.#toldAtMs = nowMs
  }
}
