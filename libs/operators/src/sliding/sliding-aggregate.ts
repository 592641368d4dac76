import { assert, MillraceError } from '@millrace/errors'
import { internalSerde, noHeaders, type Record, type Serde } from '@millrace/record'
import type { RowContent, Store } from '@millrace/store'
import type { SlidingWindows, Window, Windowed } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import type { Fold } from '../aggregate/fold.ts'
import type { Emission } from '../emission/emission.ts'
import { resultHeaders } from '../emission/result-headers.ts'
import { WindowResults } from '../emission/window-results.ts'
import { type SlidingStep, slidingPlan } from './sliding-plan.ts'
import { SlidingRows } from './sliding-rows.ts'
import { emptyWindow, type SlidingBucket, type SlidingWindow } from './sliding-window.ts'

export interface SlidingAggregateOptions<K, V, A, R> {
  readonly storeName: string
  /** Not used where only updates go out. */
  readonly agendaName?: string | undefined
  readonly windows: SlidingWindows
  readonly fold: Fold<K, V, A, R>
  readonly emission: Emission
  readonly hasHeaders?: boolean
  /** Of the aggregates: a window that begins as another one was begins with a copy. */
  readonly aggregates: Serde<A>
}

type ResultCollector<K, R> = Collector<Windowed<K>, R | null>

/**
 * One aggregate a key and sliding window (Kafka Streams' `KStreamSlidingWindowAggregate`), by
 * definition: a record belongs to every open window that contains it. For each record:
 *
 * 1. A null key or value is left out and counted, without effect on stream time.
 * 2. Stream time takes the record in; final and early results that are due go out.
 * 3. A record that no open window could contain is late.
 * 4. The record is added to the windows that contain it, and makes those that are new by it, in
 *    Kafka Streams' order. For each that is closed it is late.
 *
 * Closed windows stay for two time differences, and go on: new windows are made of what they hold.
 * Only for records earlier than the time difference, which share the window from 0, what is closed
 * is left as it is: such a record makes no windows any more (as in Kafka Streams).
 */
export class SlidingAggregate<K, V, A, R>
  implements Processor<K | null, V | null, Windowed<K>, R | null>
{
  readonly #options: SlidingAggregateOptions<K, V, A, R>
  #task: TaskState<K, A, R> | undefined

  constructor(options: SlidingAggregateOptions<K, V, A, R>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    const { storeName, windows } = this.#options
    const store = context.store<K, SlidingBucket<A>>(storeName)
    const rows = new SlidingRows(store, windows.timeDifferenceMs)
    const results = this.#resultsOf(store, rows, context)
    this.#task = { store, rows, results, time: context.time(storeName), closedThroughMs: -1 }
  }

  process(record: Record<K | null, V | null>, collector: ResultCollector<K, R>): void {
    const { key, value, timestampMs } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    const task = this.#taskState()
    const { timeDifferenceMs } = this.#options.windows
    const streamTimeMs = task.time.observe(timestampMs)
    this.#close(streamTimeMs, task, collector)
    // The last window that could contain it is the one that begins with it.
    if (timestampMs <= task.closedThroughMs) {
      return this.#late(record, timestampMs, streamTimeMs, collector)
    }
    const from = Math.max(0, timestampMs - 2 * timeDifferenceMs)
    const near = task.rows.between(key, from, timestampMs + 1)
    const steps = slidingPlan(near, timestampMs, timeDifferenceMs)
    this.#take(record as Record<K, V>, steps, streamTimeMs, collector)
  }

  advance(collector: ResultCollector<K, R>): void {
    const task = this.#taskState()
    this.#close(task.time.streamTimeMs, task, collector)
  }

  flush(collector: ResultCollector<K, R>): void {
    const task = this.#taskState()
    const { streamTimeMs } = task.time
    this.#close(streamTimeMs, task, collector)
    if (task.results !== undefined) return task.results.save()
    for (const { key, value } of task.store.changedRows()) {
      for (const window of value ?? []) {
        if (window.isChanged) this.#send(key, window, streamTimeMs, collector)
      }
    }
  }

  #close(streamTimeMs: number, task: TaskState<K, A, R>, collector: ResultCollector<K, R>): void {
    task.results?.advance(streamTimeMs, collector)
    const { windows } = this.#options
    const closedThroughMs = windows.closedThrough(streamTimeMs)
    if (closedThroughMs <= task.closedThroughMs) return
    task.closedThroughMs = closedThroughMs
    const forgottenMs = closedThroughMs - 2 * windows.timeDifferenceMs - task.rows.bucketMs
    if (forgottenMs >= 0) task.store.expireThrough(forgottenMs)
  }

  /** All aggregates first, then the changes: new windows begin as others were before the record. */
  #take(
    record: Record<K, V>,
    steps: readonly SlidingStep<A>[],
    streamTimeMs: number,
    collector: ResultCollector<K, R>,
  ): void {
    const { key, timestampMs } = record
    const task = this.#taskState()
    // The last result of a window that has closed since is the one before this record.
    for (const step of steps) {
      if (step.kind !== 'add' || !step.window.isChanged) continue
      if (step.window.startMs > task.closedThroughMs) continue
      this.#send(key, step.window, streamTimeMs, collector)
    }
    const likes = new Set(steps.map((step) => (step.kind === 'add' ? undefined : step.like)))
    const begun = steps.map((step) => this.#begin(step, record, likes))
    const isEarly = timestampMs < this.#options.windows.timeDifferenceMs
    let made: SlidingWindow<A> | undefined
    for (const [nth, step] of steps.entries()) {
      const startMs = step.kind === 'add' ? step.window.startMs : step.startMs
      const isClosed = startMs <= task.closedThroughMs
      if (isClosed) this.#late(record, startMs, streamTimeMs, collector)
      if (isClosed && isEarly) continue
      // The window after the previous record can be the one that ends with this record: Kafka
      // Streams writes and sends it twice, with the same content.
      const isAgain = step.kind !== 'add' && made?.startMs === startMs
      const window: SlidingWindow<A> =
        step.kind === 'add'
          ? step.window
          : isAgain
            ? (made as SlidingWindow<A>)
            : emptyWindow(startMs)
      if (step.kind !== 'add') made = window
      const wasAbsent = window.aggregate === null
      window.aggregate = begun[nth] as A | null
      window.timestampMs =
        step.kind === 'after' ? step.like.timestampMs : Math.max(window.timestampMs, timestampMs)
      if (!isAgain) window.revision++
      if (step.kind === 'add' || isAgain) task.rows.changed(key, window)
      else task.rows.insert(key, window)
      if (!isClosed) this.#changed(key, window, wasAbsent, streamTimeMs, collector)
    }
  }

  /**
   * The aggregate that a step leads to. It is not changed in place where others begin with it, and
   * where the window has closed: whoever waits for that may still hold its last result.
   */
  #begin(
    step: SlidingStep<A>,
    record: Record<K, V>,
    likes: ReadonlySet<SlidingWindow<A> | undefined>,
  ): A | null {
    const { fold } = this.#options
    const isOpen = step.kind === 'add' && step.window.startMs > this.#taskState().closedThroughMs
    const isOwn = isOpen && !likes.has(step.window)
    const of = step.kind === 'add' ? step.window : step.like
    const before = isOwn ? step.window.aggregate : this.#copy(of?.aggregate)
    if (step.kind === 'after') return before
    const after = fold.add(before, record.value, record.key, record)
    if (after !== undefined) return after
    throw new MillraceError('MILLRACE_OPERATORS_NO_RESULT', {
      message: `the function of ${fold.operator} '${this.#options.storeName}' returned undefined`,
    })
  }

  #changed(
    key: K,
    window: SlidingWindow<A>,
    wasAbsent: boolean,
    streamTimeMs: number,
    collector: ResultCollector<K, R>,
  ): void {
    const { results } = this.#taskState()
    if (results !== undefined) {
      if (wasAbsent && window.aggregate === null) return
      return results.changed(window, key, window.startMs, wasAbsent, streamTimeMs)
    }
    window.isChanged = true
    const { emission } = this.#options
    if (emission.kind === 'updates' && emission.everyUpdate) {
      this.#send(key, window, streamTimeMs, collector)
    }
  }

  #send(
    key: K,
    update: SlidingWindow<A>,
    streamTimeMs: number,
    collector: ResultCollector<K, R>,
  ): void {
    const { fold, hasHeaders = false } = this.#options
    const { startMs, aggregate, timestampMs, revision } = update
    const window = this.#window(startMs)
    update.isChanged = false
    collector.forward({
      key: { key, window },
      value: aggregate === null ? null : fold.result(aggregate),
      timestampMs,
      headers: hasHeaders
        ? resultHeaders({ kind: 'update', revision, window, streamTimeMs })
        : noHeaders,
    })
  }

  #copy(aggregate: A | null | undefined): A | null {
    if (aggregate === null || aggregate === undefined) return null
    if (typeof aggregate !== 'object') return aggregate
    const serde = internalSerde(this.#options.aggregates)
    return serde.deserialize(serde.serialize(aggregate))
  }

  #resultsOf(
    store: Store<K, SlidingBucket<A>>,
    rows: SlidingRows<K, A>,
    context: ProcessorContext,
  ): WindowResults<K, A, R> | undefined {
    const { emission, agendaName, windows, fold, hasHeaders = false } = this.#options
    if (emission.kind === 'updates') return undefined
    assert(agendaName !== undefined, 'final results have an agenda')
    const bucketMs = bucketMsFor(windows.timeDifferenceMs + windows.graceMs)
    return new WindowResults<K, A, R>({
      keySerde: internalSerde(store.spec.keySerde) as Serde<K>,
      agenda: new Agenda(context.store(agendaName), bucketMs),
      windows,
      sizeMs: windows.timeDifferenceMs,
      read: (key, startMs) => contentOf(rows.read(key, startMs)),
      result: (aggregate) => fold.result(aggregate),
      earlyMs: emission.kind === 'early' ? emission.everyMs : undefined,
      hasHeaders,
    })
  }

  #late(
    record: Record<K | null, V | null>,
    startMs: number,
    streamTimeMs: number,
    collector: ResultCollector<K, R>,
  ): void {
    const window = this.#window(startMs)
    const closesAtMs = this.#options.windows.closesAt(window)
    collector.late(record, { window, closesAtMs, streamTimeMs })
  }

  #window(startMs: number): Window {
    return { startMs, endMs: startMs + this.#options.windows.timeDifferenceMs }
  }

  #taskState(): TaskState<K, A, R> {
    assert(this.#task, 'the operator is used after init')
    return this.#task
  }
}

function contentOf<A>(window: SlidingWindow<A> | undefined): RowContent<A> | undefined {
  if (window === undefined || window.aggregate === null) return undefined
  return { value: window.aggregate, timestampMs: window.timestampMs, revision: window.revision }
}

interface TaskState<K, A, R> {
  readonly store: Store<K, SlidingBucket<A>>
  readonly rows: SlidingRows<K, A>
  readonly results: WindowResults<K, A, R> | undefined
  readonly time: OperatorTime
  /** Start of the latest window that is closed. */
  closedThroughMs: number
}
