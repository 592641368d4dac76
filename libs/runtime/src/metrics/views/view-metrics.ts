import type { Counters } from '@millrace/telemetry'
import type { StreamTask } from '../../task/stream-task.ts'
import { Growths } from '../growths.ts'

/** Windows of one view over the tasks of a worker. */
interface OpenWindows {
  count: number
  oldestMs: number
  /** When the first of them is to close. */
  dueMs: number
}

/** What the window stores say of the views that are made of them, over all tasks of a worker. */
export class ViewMetrics {
  readonly #counters: Counters
  readonly #lane: string
  readonly #finalized = new WeakMap<StreamTask, Growths>()
  readonly #known = new Set<string>()

  constructor(counters: Counters, lane: 'live' | 'replay') {
    this.#counters = counters
    this.#lane = lane
  }

  publish(tasks: readonly StreamTask[]): void {
    const open = new Map<string, OpenWindows>()
    for (const task of tasks) this.#add(task, open)
    for (const view of this.#known) {
      const labels = { view, lane: this.#lane }
      const { count, oldestMs, dueMs } = open.get(view) ?? nothingOpen()
      this.#counters.cell('millrace_windows_open', labels).set(count)
      const oldest = this.#counters.cell('millrace_window_oldest_open_timestamp_seconds', labels)
      const closeLag = this.#counters.cell('millrace_window_close_lag_seconds', labels)
      if (count === 0) {
        oldest.clear()
        closeLag.clear()
        continue
      }
      oldest.set(oldestMs / 1000)
      closeLag.set(dueMs / 1000)
    }
  }

  #add(task: StreamTask, open: Map<string, OpenWindows>): void {
    for (const [view, counts] of task.state?.counts() ?? []) {
      if (counts.window === null) continue
      this.#known.add(view)
      const windows = open.get(view) ?? nothingOpen()
      windows.count += counts.openWindowCount
      windows.oldestMs = Math.min(windows.oldestMs, counts.oldestOpenMs ?? windows.oldestMs)
      if (counts.oldestOpenMs !== null) {
        const { sizeMs, graceMs } = counts.window
        windows.dueMs = Math.min(windows.dueMs, counts.oldestOpenMs + sizeMs + graceMs)
      }
      open.set(view, windows)
      this.#growthsOf(task).publish(
        'millrace_windows_finalized_total',
        { view, lane: this.#lane },
        counts.expiredWindowsTotal,
      )
    }
  }

  #growthsOf(task: StreamTask): Growths {
    let growths = this.#finalized.get(task)
    if (growths === undefined) {
      growths = new Growths(this.#counters)
      this.#finalized.set(task, growths)
    }
    return growths
  }
}

function nothingOpen(): OpenWindows {
  return { count: 0, oldestMs: Number.POSITIVE_INFINITY, dueMs: Number.POSITIVE_INFINITY }
}
