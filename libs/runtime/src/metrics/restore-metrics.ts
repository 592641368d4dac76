import type { Counters } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { RestoreProgress } from '../restore/restore-job.ts'

interface Running {
  readonly progress: RestoreProgress
  readonly sinceMs: number
}

/** What is left to restore and how long that takes, by store over all tasks of a worker. */
export class RestoreMetrics {
  readonly #counters: Counters
  readonly #clock: Clock
  readonly #running = new Map<string, Running>()

  constructor(counters: Counters, clock: Clock) {
    this.#counters = counters
    this.#clock = clock
  }

  progress(progress: RestoreProgress): void {
    const { task, store, restoredRecords, remainingRecords } = progress
    const key = `${task} ${store}`
    const known = this.#running.get(key)
    const isSame = known !== undefined && restoredRecords >= known.progress.restoredRecords
    const grown = isSame ? restoredRecords - known.progress.restoredRecords : restoredRecords
    this.#counters.cell('millrace_restore_records_total', { store }).add(grown)
    const sinceMs = isSame ? known.sinceMs : this.#clock.monotonicMs()
    this.#running.set(key, { progress, sinceMs })
    this.#publish(store)
    if (remainingRecords === 0) this.#running.delete(key)
  }

  isUnderWay(task: string): boolean {
    return [...this.#running.values()].some(({ progress }) => progress.task === task)
  }

  #publish(store: string): void {
    const nowMs = this.#clock.monotonicMs()
    let [remaining, restored, sinceMs] = [0, 0, nowMs]
    for (const { progress, sinceMs: since } of this.#running.values()) {
      if (progress.store !== store) continue
      remaining += progress.remainingRecords
      restored += progress.restoredRecords
      sinceMs = Math.min(sinceMs, since)
    }
    this.#counters.cell('millrace_restore_remaining_records', { store }).set(remaining)
    const eta = this.#counters.cell('millrace_restore_eta_seconds', { store })
    if (remaining === 0) eta.set(0)
    else if (restored > 0) eta.set((remaining / restored) * ((nowMs - sinceMs) / 1000))
  }
}
