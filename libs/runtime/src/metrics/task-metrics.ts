import type { Cell, Counters, Labels } from '@millrace/telemetry'
import type { CompiledNode } from '../task/compiled-node.ts'
import type { StreamTask } from '../task/stream-task.ts'
import { unbalanced } from './conservation.ts'
import { Growths } from './growths.ts'
import type { Lane } from './lane.ts'
import { taskInput } from './task-input.ts'

/** The gauges that say where a task stands. */
const taskGauges = [
  'millrace_task_stream_timestamp_seconds',
  'millrace_task_oldest_unprocessed_timestamp_seconds',
  'millrace_task_last_record_processed_timestamp_seconds',
  'millrace_task_backlog_records',
  'millrace_task_retention_headroom_records',
] as const

/** Publishes one task's counts: at each commit, never on the way of a record. */
export class TaskMetrics {
  readonly #task: StreamTask
  readonly #counters: Counters
  readonly #lane: string
  readonly #growths: Growths

  constructor(task: StreamTask, counters: Counters, lane: Lane) {
    this.#task = task
    this.#counters = counters
    this.#growths = new Growths(counters)
    this.#lane = lane
    for (const { name } of task.compiled.counts) this.#mismatches(name).add(0)
  }

  publish(): void {
    const task = this.#task
    const lane = this.#lane
    for (const { source, left, node, skippedCounts } of task.queues) {
      const consumed = left.entered + left.dropped + left.failed
      this.#growths.publish(
        'millrace_records_consumed_total',
        { topic: source.topic, lane },
        consumed,
      )
      this.#dropped(node.name, 'negative-timestamp', left.dropped)
      for (const [reason, count] of skippedCounts) this.#dropped(node.name, reason, count)
    }
    for (const operator of task.compiled.operators) this.#publishOperator(operator)
    for (const { operator, outcomes } of task.calls?.callers.values() ?? []) {
      for (const [outcome, count] of Object.entries(outcomes)) {
        const labels = { operator, outcome, lane }
        this.#growths.publish('millrace_async_calls_total', labels, count)
      }
    }
    for (const [reason, count] of task.deadLetters?.counts ?? []) {
      this.#growths.publish('millrace_dead_letters_total', { reason, lane }, count)
    }
    for (const [topic, count] of task.partitioners.counts)
      this.#growths.publish('millrace_partitioners_disagree_total', { topic, lane }, count)
    for (const [store, count] of task.changelogs.counts) {
      this.#growths.publish('millrace_changelog_records_total', { store, lane }, count)
    }
    this.publishGauges()
  }

  /** Names of nodes whose books did not balance; each is counted. */
  checkConservation(): readonly string[] {
    const broken = unbalanced(this.#task.compiled.counts, this.#task.queues)
    for (const operator of broken) {
      this.#mismatches(operator).add(1)
    }
    return broken
  }

  /** The task runs elsewhere now: its gauges must not stay at their last value. */
  forget(): void {
    const labels = { task: this.#task.name, lane: this.#lane }
    for (const metric of taskGauges) this.#counters.cell(metric, labels).clear()
    if (this.#task.calls !== null) {
      this.#counters.cell('millrace_async_calls_in_flight', labels).clear()
    }
    this.#counters.cell('millrace_state_rows_cached', { task: this.#task.name }).clear()
  }

  #publishOperator(operator: CompiledNode): void {
    const outcome = operator.hasLateTopic ? 'side' : 'dropped'
    const { name, lateCount, lateByIdleAdvance } = operator
    const lane = this.#lane
    const late = (reason: string, count: number): void => {
      const labels = { operator: name, outcome, reason, lane }
      this.#growths.publish('millrace_records_late_total', labels, count)
    }
    late('stream-time', lateCount - lateByIdleAdvance)
    if (lateByIdleAdvance > 0) late('idle-advance', lateByIdleAdvance)
    operator.lateness.publish(() =>
      this.#counters.histogram('millrace_record_lateness_seconds', { operator: name, lane }),
    )
    for (const [reason, count] of Object.entries(operator.droppedCounts)) {
      this.#dropped(operator.name, reason, count)
    }
  }

  publishGauges(): void {
    const task = this.#task
    const labels = { task: task.name, lane: this.#lane }
    if (task.calls !== null) {
      this.#counters.cell('millrace_async_calls_in_flight', labels).set(task.calls.inFlight)
    }
    const { streamTimeMs } = task.time
    if (streamTimeMs >= 0) {
      this.#counters.cell('millrace_task_stream_timestamp_seconds', labels).set(streamTimeMs / 1000)
    }
    if (task.lastProcessedAtMs >= 0) {
      this.#counters
        .cell('millrace_task_last_record_processed_timestamp_seconds', labels)
        .set(task.lastProcessedAtMs / 1000)
    }
    this.#publishInput(labels)
    let rows = 0
    for (const counts of task.state?.counts().values() ?? []) rows += counts.rowCount
    this.#counters.cell('millrace_state_rows_cached', { task: task.name }).set(rows)
  }

  #publishInput(labels: Labels): void {
    const { backlogRecords, headroomRecords, oldestMs } = taskInput(this.#task.queues)
    this.#counters.cell('millrace_task_backlog_records', labels).set(backlogRecords)
    if (headroomRecords !== null) {
      this.#counters.cell('millrace_task_retention_headroom_records', labels).set(headroomRecords)
    }
    const oldest = this.#counters.cell('millrace_task_oldest_unprocessed_timestamp_seconds', labels)
    if (oldestMs === null) oldest.clear()
    else oldest.set(oldestMs / 1000)
  }

  #mismatches(operator: string): Cell {
    return this.#counters.cell('millrace_conservation_mismatches_total', { operator })
  }

  #dropped(operator: string, reason: string, count: number): void {
    if (count === 0) return
    this.#growths.publish(
      'millrace_records_dropped_total',
      { operator, reason, lane: this.#lane },
      count,
    )
  }
}
