import {
  type Counters,
  type MetricsRegistry,
  type SeriesDefinition,
  SharedCounters,
} from '@millrace/telemetry'
import type { DiskUse } from './disk/measure-disk.ts'
import { appStates, type Health } from './health.ts'

export interface ProcessMetricsOptions {
  readonly registry: MetricsRegistry
  readonly version: string
  readonly configHash: string
  readonly stateDiskBudgetBytes: number | null
  /** Worker threads that should be running. */
  readonly threads: number
  readonly health: Health
  readonly nowMs: () => number
}

/** So many tasks have a series of their own; the rest is one. */
const tasksLabelledMax = 64

/** What the process itself counts, beside its worker threads. */
export class ProcessMetrics {
  readonly #counters: SharedCounters
  readonly #health: Health
  readonly #nowMs: () => number
  #tasksLabelled = new Set<string>()

  constructor(options: ProcessMetricsOptions) {
    let define: (series: SeriesDefinition) => void = () => {}
    this.#counters = new SharedCounters({ slotsMax: 1_024, onSeries: (series) => define(series) })
    define = options.registry.addSource(this.#counters.buffer)
    this.#health = options.health
    this.#nowMs = options.nowMs
    const { version, configHash: hash, stateDiskBudgetBytes: budgetBytes } = options
    this.#counters.cell('millrace_build_info', { version }).set(1)
    this.#counters.cell('millrace_config_info', { hash }).set(1)
    this.#counters.cell('millrace_workers_expected').set(options.threads)
    if (budgetBytes !== null) this.#counters.cell('millrace_state_budget_bytes').set(budgetBytes)
  }

  /** The canary's, which lives in the main thread: a stuck worker does not keep it from telling. */
  get counters(): Counters {
    return this.#counters
  }

  /** An answer of the HTTP server; `path` is one of its own, never what was asked for. */
  answered(path: string, status: number): void {
    this.#counters.cell('millrace_http_requests_total', { path, status: String(status) }).add(1)
  }

  /** How long a worker thread has not turned; 0 while it turns. */
  blocked(thread: number, seconds: number): void {
    this.#counters.cell('millrace_thread_blocked_seconds', { thread: String(thread) }).set(seconds)
  }

  /** Tasks that went elsewhere and whose state was deleted have no series any more. */
  disk({ bytesByName, freeBytes }: DiskUse): void {
    const tasks = [...bytesByName].sort(([a], [b]) => (a < b ? -1 : 1))
    const labelled = tasks.slice(0, tasksLabelledMax)
    const rest = tasks.slice(tasksLabelledMax)
    const series = new Map(labelled)
    if (rest.length > 0) {
      series.set(
        'other',
        rest.reduce((sum, [, bytes]) => sum + bytes, 0),
      )
    }
    for (const task of this.#tasksLabelled)
      if (!series.has(task)) this.#counters.cell('millrace_state_bytes', { task }).clear()
    for (const [task, bytes] of series)
      this.#counters.cell('millrace_state_bytes', { task }).set(bytes)
    this.#tasksLabelled = new Set(series.keys())
    this.#counters.cell('millrace_state_disk_free_bytes').set(freeBytes)
  }

  /** Before the metrics are written out. */
  collect(): void {
    const current = this.#health.appState()
    for (const state of appStates)
      this.#counters.cell('millrace_app_state', { state }).set(state === current ? 1 : 0)
    this.#counters.cell('millrace_metrics_collect_timestamp_seconds').set(this.#nowMs() / 1000)
  }
}
