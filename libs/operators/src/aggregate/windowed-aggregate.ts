import { assert } from '@millrace/errors'
import { type Headers, internalSerde, type Record, type Serde } from '@millrace/record'
import type { Row, Store } from '@millrace/store'
import type { TimeWindows, Window, Windowed } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import type { Emission } from '../emission/emission.ts'
import { resultHeaders } from '../emission/result-headers.ts'
import { WindowResults } from '../emission/window-results.ts'
import type { Fold } from './fold.ts'
import { FoldedRows } from './folded-rows.ts'

export interface WindowedAggregateOptions<K, V, A, R> {
  readonly storeName: string
  readonly windows: TimeWindows
  readonly fold: Fold<K, V, A, R>
  readonly emission: Emission
  /** The store of the agenda (`agendaStore`); undefined where only updates go out. */
  readonly agendaName?: string | undefined
  /** Whether results say in headers what they are (`resultHeaders`). */
  readonly hasHeaders?: boolean
  /** Results carry what was sent before them, for the tables that are made of them. */
  readonly sendsOldValues?: boolean
}

/**
 * One aggregate a key and time window (Kafka Streams' `KStreamWindowAggregate`). For each record:
 *
 * 1. A null key or value is left out and counted, without effect on stream time.
 * 2. Stream time takes the record in. Final and early results that are due by it go out; windows
 *    closed by it leave the store at the next seal, with the commit that carries their results.
 * 3. In each of the record's windows, ascending, that is still open, its value is added; where the
 *    window is closed the record is late, counted per window.
 */
export class WindowedAggregate<K, V, A, R>
  implements Processor<K | null, V | null, Windowed<K>, R | null>
{
  readonly #options: WindowedAggregateOptions<K, V, A, R>
  readonly #windows: TimeWindows
  #task: TaskState<K, V, A, R> | undefined
  /** Start of the latest window told to the store as closed. */
  #closedThroughMs = -1

  constructor(options: WindowedAggregateOptions<K, V, A, R>) {
    this.#options = options
    this.#windows = options.windows
  }

  init(context: ProcessorContext): void {
    const { storeName, fold, emission, sendsOldValues, hasHeaders = false } = this.#options
    const store = context.store<K, A>(storeName)
    const time = context.time(storeName)
    const rows = new FoldedRows<K, V, A, R, Windowed<K>>({
      store,
      fold,
      everyUpdate: emission.kind === 'updates' && emission.everyUpdate,
      sendsOldValues: emission.kind === 'updates' && sendsOldValues,
      resultKey: ({ key, windowStartMs }) => ({ key, window: this.#window(windowStartMs) }),
      headers: hasHeaders ? (row) => this.#headers(row, time.streamTimeMs) : undefined,
    })
    this.#task = { store, rows, time, results: this.#resultsOf(store, context) }
    this.#closedThroughMs = -1
  }

  process(record: Record<K | null, V | null>, collector: Collector<Windowed<K>, R | null>): void {
    const { key, value, timestampMs } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    const task = this.#task
    assert(task, 'process before init')
    const { store, rows, results } = task
    const streamTimeMs = task.time.observe(timestampMs)
    this.#close(streamTimeMs, task, collector)
    const { advanceMs } = this.#windows
    let at = this.#windows.firstStart(timestampMs)
    if (at > timestampMs) return collector.drop(record, 'before-window')
    for (; at <= timestampMs; at += advanceMs) {
      if (at <= this.#closedThroughMs) {
        this.#late(record, at, streamTimeMs, collector)
        continue
      }
      const row = store.row(key, at)
      if (results === undefined) rows.add(row, record as Record<K, V>, collector)
      else {
        const wasAbsent = row.value === null
        rows.add(row, record as Record<K, V>, collector)
        if (row.value !== null || !wasAbsent) results.changed(row, key, at, wasAbsent, streamTimeMs)
      }
    }
  }

  advance(collector: Collector<Windowed<K>, R | null>): void {
    const task = this.#task
    assert(task, 'advance before init')
    this.#close(task.time.streamTimeMs, task, collector)
  }

  flush(collector: Collector<Windowed<K>, R | null>): void {
    const task = this.#task
    assert(task, 'flush before init')
    this.#close(task.time.streamTimeMs, task, collector)
    if (task.results === undefined) task.rows.flush(collector)
    else task.results.save()
  }

  /** What is due at this stream time goes out, and then what is closed by it is let go. */
  #close(
    streamTimeMs: number,
    task: TaskState<K, V, A, R>,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    task.results?.advance(streamTimeMs, collector)
    const closedThroughMs = this.#windows.closedThrough(streamTimeMs)
    if (closedThroughMs <= this.#closedThroughMs) return
    this.#closedThroughMs = closedThroughMs
    task.store.expireThrough(closedThroughMs)
  }

  #resultsOf(store: Store<K, A>, context: ProcessorContext): WindowResults<K, A, R> | undefined {
    const { emission, agendaName, windows, fold, hasHeaders = false } = this.#options
    if (emission.kind === 'updates') return undefined
    assert(agendaName !== undefined, 'final results have an agenda')
    const earlyMs = emission.kind === 'early' ? emission.everyMs : undefined
    const bucketMs = bucketMsFor(windows.sizeMs + windows.graceMs)
    const agenda = new Agenda(context.store(agendaName), bucketMs)
    return new WindowResults({
      keySerde: internalSerde(store.spec.keySerde) as Serde<K>,
      agenda,
      windows,
      sizeMs: windows.sizeMs,
      read: (key, windowStartMs) => store.read(key, windowStartMs),
      result: (aggregate) => fold.result(aggregate),
      earlyMs,
      hasHeaders,
    })
  }

  #late(
    record: Record<K | null, V | null>,
    startMs: number,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    const window = this.#window(startMs)
    collector.late(record, { window, closesAtMs: this.#windows.closesAt(window), streamTimeMs })
  }

  #headers({ revision, windowStartMs }: Row<K, A>, streamTimeMs: number): Headers {
    const window = this.#window(windowStartMs)
    return resultHeaders({ kind: 'update', revision, window, streamTimeMs })
  }

  #window(startMs: number): Window {
    return { startMs, endMs: startMs + this.#windows.sizeMs }
  }
}

interface TaskState<K, V, A, R> {
  readonly store: Store<K, A>
  readonly rows: FoldedRows<K, V, A, R, Windowed<K>>
  readonly time: OperatorTime
  /** Undefined where only updates go out. */
  readonly results: WindowResults<K, A, R> | undefined
}
