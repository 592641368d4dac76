import type { Cell, Counters, HistogramCell } from '@millrace/telemetry'
import type { RecordCollector } from '../output/record-collector.ts'
import type { RestoreProgress } from '../restore/restore-job.ts'
import type { StreamTask } from '../task/stream-task.ts'
import { type WorkerState, workerStates } from '../worker/worker-state.ts'
import { Growths } from './growths.ts'
import { TaskMetrics } from './task-metrics.ts'

/** What a worker counts beside its tasks. */
export class WorkerMetrics {
  readonly rebalances: Cell
  readonly #counters: Counters
  readonly #thread: string
  readonly #commitSeconds: HistogramCell
  readonly #inFlight: Cell
  readonly #tasks = new Map<StreamTask, TaskMetrics>()
  readonly #restored = new Map<string, RestoreProgress>()
  /** Of the collector in use: a new one counts from zero. */
  #produced: { readonly of: RecordCollector; readonly growths: Growths } | null = null

  constructor(counters: Counters, thread: number) {
    this.#counters = counters
    this.#thread = String(thread)
    this.rebalances = counters.cell('millrace_rebalances_total')
    this.#commitSeconds = counters.histogram('millrace_commit_duration_seconds')
    this.#inFlight = counters.cell('millrace_records_in_flight')
  }

  state(current: WorkerState): void {
    for (const state of workerStates) {
      this.#counters
        .cell('millrace_worker_state', { thread: this.#thread, state })
        .set(state === current ? 1 : 0)
    }
  }

  commit(result: 'committed' | 'failed' | 'delayed', durationMs: number): void {
    this.#counters.cell('millrace_commits_total', { result }).add(1)
    if (result === 'committed') this.#commitSeconds.observe(durationMs / 1000)
  }

  /** After a commit: what became durable. Returns names of nodes whose books did not balance. */
  publish(tasks: readonly StreamTask[], collector: RecordCollector): readonly string[] {
    if (this.#produced?.of !== collector) {
      this.#produced = { of: collector, growths: new Growths(this.#counters) }
    }
    for (const { topic, records } of collector.topics()) {
      this.#produced.growths.publish(
        'millrace_records_produced_total',
        { topic, lane: 'live' },
        records,
      )
    }
    return tasks.flatMap((task) => {
      const metrics = this.#metricsOf(task)
      metrics.publish()
      return metrics.checkConservation()
    })
  }

  /** Now and then, commits or not. */
  gauges(tasks: readonly StreamTask[], openingCount: number): void {
    this.#counters.cell('millrace_tasks', { state: 'running' }).set(tasks.length)
    this.#counters.cell('millrace_tasks', { state: 'restoring' }).set(openingCount)
    let queued = 0
    for (const task of tasks) for (const queue of task.queues) queued += queue.queuedRecords
    this.#inFlight.set(queued)
    for (const task of tasks) this.#metricsOf(task).publishGauges()
  }

  retried(code: string): void {
    this.#counters.cell('millrace_record_retries_total', { reason: code, lane: 'live' }).add(1)
  }

  rolledBack(code: string): void {
    this.#counters.cell('millrace_record_rollbacks_total', { reason: code, lane: 'live' }).add(1)
  }

  forget(task: StreamTask): void {
    this.#tasks.get(task)?.forget()
    this.#tasks.delete(task)
  }

  restore(progress: RestoreProgress): void {
    const { task, store, restoredRecords } = progress
    const key = `${task} ${store}`
    const before = this.#restored.get(key)?.restoredRecords ?? 0
    const grown = restoredRecords >= before ? restoredRecords - before : restoredRecords
    this.#counters.cell('millrace_restore_records_total', { store }).add(grown)
    this.#restored.set(key, progress)
    let remaining = 0
    for (const each of this.#restored.values())
      if (each.store === store) remaining += each.remainingRecords
    this.#counters.cell('millrace_restore_remaining_records', { store }).set(remaining)
    if (progress.remainingRecords === 0) this.#restored.delete(key)
  }

  #metricsOf(task: StreamTask): TaskMetrics {
    let metrics = this.#tasks.get(task)
    if (metrics === undefined) {
      metrics = new TaskMetrics(task, this.#counters, 'live')
      this.#tasks.set(task, metrics)
    }
    return metrics
  }
}
