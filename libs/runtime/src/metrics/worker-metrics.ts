import type { Cell, Counters, HistogramCell } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import type { OutputTopic } from '../output/output-topic.ts'
import type { RecordCollector } from '../output/record-collector.ts'
import type { RestoreProgress } from '../restore/restore-job.ts'
import type { StreamTask } from '../task/stream-task.ts'
import { type WorkerState, workerStates } from '../worker/worker-state.ts'
import { Growths } from './growths.ts'
import { Lanes } from './lane.ts'
import { PhaseMetrics } from './phase-metrics.ts'
import { RestoreMetrics } from './restore-metrics.ts'
import { TaskMetrics } from './task-metrics.ts'
import { FreshnessMetrics } from './views/freshness-metrics.ts'
import { HeldWindows } from './views/held-windows.ts'
import { ViewMetrics } from './views/view-metrics.ts'

/** What a worker counts beside its tasks. */
export class WorkerMetrics {
  readonly rebalances: Cell
  readonly #counters: Counters
  readonly #thread: string
  readonly #commitSeconds: HistogramCell
  readonly #inFlight: Cell
  readonly #clock: Clock
  readonly #lanes: Lanes
  readonly #views: ViewMetrics
  readonly #held: HeldWindows
  readonly #freshness: FreshnessMetrics
  readonly #phases: PhaseMetrics
  readonly #restores: RestoreMetrics
  readonly #rebalanceSeconds: HistogramCell
  #rebalancingSinceMs: number | null = null
  readonly #tasks = new Map<StreamTask, TaskMetrics>()
  /** Of the collector in use: a new one counts from zero. */
  #produced: { readonly of: RecordCollector; readonly growths: Growths } | null = null

  constructor(counters: Counters, thread: number, clock: Clock, topology: Topology) {
    this.#counters = counters
    this.#clock = clock
    this.#lanes = new Lanes(topology)
    this.#views = new ViewMetrics(counters, 'live')
    this.#held = new HeldWindows(counters, 'live')
    this.#freshness = new FreshnessMetrics(topology, counters, 'live')
    this.#phases = new PhaseMetrics(counters, this.#lanes)
    this.#restores = new RestoreMetrics(counters, clock)
    for (const reason of ['MILLRACE_KAFKA_FENCED', 'MILLRACE_RUNTIME_RECORD_SET_ASIDE'])
      counters.cell('millrace_txn_aborted_total', { reason }).add(0)
    counters.cell('millrace_fenced_total', { reason: 'MILLRACE_KAFKA_FENCED' }).add(0)
    this.#rebalanceSeconds = counters.histogram('millrace_rebalance_duration_seconds')
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

  /** The worker joins its group again, or has lost what it had. */
  rebalancing(): void {
    this.#rebalancingSinceMs ??= this.#clock.monotonicMs()
  }

  /** It was told what is its own. */
  assigned(): void {
    this.rebalances.add(1)
    if (this.#rebalancingSinceMs === null) return
    this.#rebalanceSeconds.observe((this.#clock.monotonicMs() - this.#rebalancingSinceMs) / 1000)
    this.#rebalancingSinceMs = null
  }

  aborted(reason: string): void {
    this.#counters.cell('millrace_txn_aborted_total', { reason }).add(1)
  }

  fenced(reason: string): void {
    this.#counters.cell('millrace_fenced_total', { reason }).add(1)
  }

  /** Tasks of the whole topology: one of a process' threads says it. */
  expected(tasks: number): void {
    if (this.#thread === '0') this.#counters.cell('millrace_tasks_expected').set(tasks)
  }

  /** After a commit: what became durable. Returns names of nodes whose books did not balance. */
  publish(tasks: readonly StreamTask[], collector: RecordCollector): readonly string[] {
    if (this.#produced?.of !== collector) {
      this.#produced = { of: collector, growths: new Growths(this.#counters) }
    }
    for (const output of collector.topics()) {
      const { topic, records } = output
      this.#observeLatency(output)
      this.#produced.growths.publish(
        'millrace_records_produced_total',
        { topic, lane: this.#lanes.of(topic) },
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
  gauges(tasks: readonly StreamTask[], opening: readonly TaskDefinition[]): void {
    this.#counters.cell('millrace_tasks', { state: 'running' }).set(tasks.length)
    this.#counters.cell('millrace_tasks', { state: 'restoring' }).set(opening.length)
    let queued = 0
    for (const task of tasks) for (const queue of task.queues) queued += queue.queuedRecords
    this.#inFlight.set(queued)
    for (const task of tasks) this.#metricsOf(task).publishGauges()
    this.#views.publish(tasks)
    this.#held.publish(tasks)
    this.#freshness.publish(tasks, opening, this.#clock.nowMs())
    this.#phases.publish(tasks, opening, (task) => this.#restores.isUnderWay(task))
  }

  retried(code: string): void {
    this.#counters.cell('millrace_record_retries_total', { reason: code, lane: 'live' }).add(1)
  }

  punctuationFailed(operator: string): void {
    const labels = { operator, lane: 'live' }
    this.#counters.cell('millrace_punctuations_failed_total', labels).add(1)
  }

  rolledBack(code: string): void {
    this.#counters.cell('millrace_record_rollbacks_total', { reason: code, lane: 'live' }).add(1)
  }

  forget(task: StreamTask): void {
    this.#tasks.get(task)?.forget()
    this.#tasks.delete(task)
  }

  restore(progress: RestoreProgress): void {
    this.#restores.progress(progress)
  }

  /** Of the oldest and the newest result: two observations a commit and topic, whatever the load. */
  #observeLatency(output: OutputTopic): void {
    const span = output.takeSpan()
    if (span === null) return
    const { topic } = output
    const histogram = this.#counters.histogram('millrace_e2e_latency_seconds', { topic })
    const negative = this.#counters.cell('millrace_e2e_latency_negative_total', { topic })
    for (const timestampMs of [span.oldestMs, span.newestMs]) {
      const latencyMs = this.#clock.nowMs() - timestampMs
      histogram.observe(Math.max(0, latencyMs) / 1000)
      negative.add(latencyMs < 0 ? 1 : 0)
    }
  }

  #metricsOf(task: StreamTask): TaskMetrics {
    let metrics = this.#tasks.get(task)
    if (metrics === undefined) {
      const [first = ''] = task.definition.subTopology.sourceTopics
      metrics = new TaskMetrics(task, this.#counters, this.#lanes.of(first))
      this.#tasks.set(task, metrics)
    }
    return metrics
  }
}
