import { assert } from '@millrace/errors'
import { internalSerde, type Record, type Serde } from '@millrace/record'
import type { Row, Store } from '@millrace/store'
import type { SessionWindows, Windowed } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import type { AgendaEntry } from '../agenda/agenda-page.ts'
import type { Fold } from '../aggregate/fold.ts'
import type { Emission } from '../emission/emission.ts'
import { OncePerTick } from '../emission/once-per-tick.ts'
import { addToSessions } from './add-to-sessions.ts'
import { SessionResults } from './session-results.ts'
import { emptySessionRow, type Session, type SessionRow } from './session-row.ts'

export interface SessionAggregateOptions<K, V, A, R> {
  readonly storeName: string
  readonly agendaName: string
  readonly windows: SessionWindows
  /** With a `merge`. */
  readonly fold: Fold<K, V, A, R>
  readonly emission: Emission
  readonly hasHeaders?: boolean
}

const tag = { early: 0, close: 1 } as const

/**
 * One aggregate a key and session (Kafka Streams' `KStreamSessionWindowAggregate`). For each record:
 *
 * 1. A null key or value is left out and counted, without effect on stream time.
 * 2. Stream time takes the record in. Sessions closed by it leave, with their final results where
 *    these are asked for; early results that are due go out.
 * 3. The record joins the open sessions within the gap into one; where there is none it starts its
 *    own, or is late if that would be closed. A closed session is never extended.
 * 4. Results of sessions that became part of another are taken back first (null), then the new one
 *    goes out.
 *
 * So a key's sessions depend on its own records and on stream time, and on no other key (Kafka
 * Streams hides open sessions by retention).
 */
export class SessionAggregate<K, V, A, R>
  implements Processor<K | null, V | null, Windowed<K>, R | null>
{
  readonly #options: SessionAggregateOptions<K, V, A, R>
  readonly #results: SessionResults<K, A, R>
  readonly #isOnAgenda = new OncePerTick<Row<K, SessionRow<A>>>()
  #task: TaskState<K, A> | undefined

  constructor(options: SessionAggregateOptions<K, V, A, R>) {
    this.#options = options
    const { fold, hasHeaders = false } = options
    assert('merge' in fold, 'a fold of sessions merges')
    this.#results = new SessionResults({
      result: (aggregate) => fold.result(aggregate),
      hasHeaders,
    })
  }

  init(context: ProcessorContext): void {
    const { storeName, agendaName, windows } = this.#options
    const store = context.store<K, SessionRow<A>>(storeName)
    const bucketMs = bucketMsFor(windows.gapMs + windows.graceMs)
    this.#task = {
      store,
      keySerde: internalSerde(store.spec.keySerde) as Serde<K>,
      time: context.time(storeName),
      agenda: new Agenda(context.store(agendaName), bucketMs),
    }
  }

  process(record: Record<K | null, V | null>, collector: Collector<Windowed<K>, R | null>): void {
    const { key, value, timestampMs } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    const task = this.#taskState()
    const { windows, fold, emission } = this.#options
    const isEveryUpdate = emission.kind === 'updates' && emission.everyUpdate
    const streamTimeMs = task.time.observe(timestampMs)
    this.#close(streamTimeMs, task, collector)
    const row = task.store.row(key)
    const state = row.value ?? emptySessionRow<A>()
    const isAdded = addToSessions(state, record as Record<K, V>, {
      gapMs: windows.gapMs,
      isLate: timestampMs <= windows.closedThrough(streamTimeMs),
      fold,
      retractsSame: isEveryUpdate,
    })
    if (!isAdded) {
      const window = { startMs: timestampMs, endMs: timestampMs }
      return collector.late(record, { window, closesAtMs: windows.closesAt(window), streamTimeMs })
    }
    this.#changed(row, state, task)
    if (isEveryUpdate) this.#sendChanged(row, 'update', streamTimeMs, collector)
    if (emission.kind === 'early') this.#noteEarly(row, emission.everyMs, streamTimeMs, task)
  }

  advance(collector: Collector<Windowed<K>, R | null>): void {
    const task = this.#taskState()
    this.#close(task.time.streamTimeMs, task, collector)
  }

  flush(collector: Collector<Windowed<K>, R | null>): void {
    const task = this.#taskState()
    const { streamTimeMs } = task.time
    this.#close(streamTimeMs, task, collector)
    if (this.#options.emission.kind === 'updates') {
      for (const row of task.store.changedRows()) {
        this.#sendChanged(row, 'update', streamTimeMs, collector)
      }
    }
    task.agenda.save()
  }

  /** Notes the change, and when the first of the key's sessions closes where that is not noted. */
  #changed(row: Row<K, SessionRow<A>>, state: SessionRow<A>, task: TaskState<K, A>): void {
    row.value = state
    row.timestampMs = state.sessions.at(-1)?.endMs ?? row.timestampMs
    const [first] = state.sessions
    if (first === undefined) {
      if (state.retractions.length === 0) row.value = null
    } else {
      const closesAtMs = this.#options.windows.closesAt(first)
      // A session that grew keeps its entry, which finds it open and is put off.
      const isEarlier = state.dueAtMs < 0 || closesAtMs < state.dueAtMs
      const isRenamed = closesAtMs === state.dueAtMs && first.startMs !== state.dueStartMs
      if (isEarlier || isRenamed) this.#schedule(row.key, state, first.startMs, closesAtMs, task)
    }
    task.store.changed(row)
  }

  #schedule(
    key: K,
    state: SessionRow<A>,
    windowStartMs: number,
    timeMs: number,
    { agenda, keySerde }: TaskState<K, A>,
  ): void {
    state.dueAtMs = timeMs
    state.dueStartMs = windowStartMs
    agenda.add({ timeMs, windowStartMs, tag: tag.close, key: keySerde.serialize(key) })
  }

  #noteEarly(
    row: Row<K, SessionRow<A>>,
    everyMs: number,
    streamTimeMs: number,
    { agenda, keySerde }: TaskState<K, A>,
  ): void {
    const timeMs = streamTimeMs - (streamTimeMs % everyMs) + everyMs
    if (!this.#isOnAgenda.add(row, timeMs)) return
    agenda.add({ timeMs, windowStartMs: -1, tag: tag.early, key: keySerde.serialize(row.key) })
  }

  #close(
    streamTimeMs: number,
    task: TaskState<K, A>,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    if (task.agenda.nextAtMs > streamTimeMs) return
    for (;;) {
      const entry = task.agenda.next(streamTimeMs)
      if (entry === undefined) return
      const row = task.store.row(task.keySerde.deserialize(entry.key))
      if (row.value === null) continue
      if (entry.tag === tag.close) this.#closeFirst(entry, row, streamTimeMs, task, collector)
      else this.#sendEarly(row, streamTimeMs, task, collector)
    }
  }

  /** The entry stands for the key's first session, if it is the key's latest entry. */
  #closeFirst(
    entry: AgendaEntry,
    row: Row<K, SessionRow<A>>,
    streamTimeMs: number,
    task: TaskState<K, A>,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    const state = row.value as SessionRow<A>
    if (entry.timeMs !== state.dueAtMs || entry.windowStartMs !== state.dueStartMs) return
    const [first] = state.sessions
    state.dueAtMs = -1
    if (first !== undefined && this.#options.windows.closesAt(first) <= entry.timeMs) {
      this.#sendLast(row.key, state, first, streamTimeMs, collector)
      state.sessions.shift()
    }
    this.#changed(row, state, task)
  }

  /** The last that is heard of a session. */
  #sendLast(
    key: K,
    state: SessionRow<A>,
    session: Session<A>,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    this.#results.retract(key, state, streamTimeMs, collector)
    const isFinal = this.#options.emission.kind !== 'updates'
    if (!isFinal && !session.isChanged) return
    this.#results.send(key, session, isFinal ? 'final' : 'update', streamTimeMs, collector)
  }

  #sendEarly(
    row: Row<K, SessionRow<A>>,
    streamTimeMs: number,
    task: TaskState<K, A>,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    this.#sendChanged(row, 'early', streamTimeMs, collector)
    task.store.changed(row)
  }

  /** What downstream does not know of a key; of what closes at this moment it will hear next. */
  #sendChanged(
    row: Row<K, SessionRow<A>>,
    kind: 'update' | 'early',
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    const state = row.value
    if (state === null) return
    this.#results.retract(row.key, state, streamTimeMs, collector)
    for (const session of state.sessions) {
      const isOpen = this.#options.windows.closesAt(session) > streamTimeMs
      if (!session.isChanged || !isOpen) continue
      this.#results.send(row.key, session, kind, streamTimeMs, collector)
    }
    if (state.sessions.length === 0) row.value = null
  }

  #taskState(): TaskState<K, A> {
    assert(this.#task, 'the operator is used after init')
    return this.#task
  }
}

interface TaskState<K, A> {
  readonly store: Store<K, SessionRow<A>>
  readonly keySerde: Serde<K>
  readonly time: OperatorTime
  readonly agenda: Agenda
}
