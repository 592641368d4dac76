import { type MetricsRegistry, type SeriesDefinition, SharedCounters } from '@millrace/telemetry'

export interface ProcessMetricsOptions {
  readonly registry: MetricsRegistry
  readonly version: string
  /** Worker threads that should be running. */
  readonly threads: number
  readonly nowMs: () => number
}

/** What the process itself counts, beside its worker threads. */
export class ProcessMetrics {
  readonly #counters: SharedCounters
  readonly #nowMs: () => number

  constructor({ registry, version, threads, nowMs }: ProcessMetricsOptions) {
    let define: (series: SeriesDefinition) => void = () => {}
    this.#counters = new SharedCounters({ slotsMax: 256, onSeries: (series) => define(series) })
    define = registry.addSource(this.#counters.buffer)
    this.#nowMs = nowMs
    this.#counters.cell('millrace_build_info', { version }).set(1)
    this.#counters.cell('millrace_workers_expected').set(threads)
  }

  /** An answer of the HTTP server; `path` is one of its own, never what was asked for. */
  answered(path: string, status: number): void {
    this.#counters.cell('millrace_http_requests_total', { path, status: String(status) }).add(1)
  }

  /** How long a worker thread has not turned; 0 while it turns. */
  blocked(thread: number, seconds: number): void {
    this.#counters.cell('millrace_thread_blocked_seconds', { thread: String(thread) }).set(seconds)
  }

  /** Before the metrics are written out. */
  collect(): void {
    this.#counters.cell('millrace_metrics_collect_timestamp_seconds').set(this.#nowMs() / 1000)
  }
}
