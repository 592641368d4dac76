import { assert, MillraceError } from '@millrace/errors'
import { internalSerde, type Record, type Serde } from '@millrace/record'
import { noWindow, type Row, type Store } from '@millrace/store'
import type { Window, Windowed } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import type { AgendaEntry } from '../agenda/agenda-page.ts'
import { change } from '../table/change.ts'
import { finalHeaders } from './final-headers.ts'
import type { Suppressed } from './suppressed.ts'

/** Until when updates are held back. */
export type Until =
  | { readonly kind: 'window-close'; readonly closesAt: (window: Window) => number }
  | { readonly kind: 'time-limit'; readonly limitMs: number }

export interface SuppressOptions {
  readonly storeName: string
  readonly agendaName: string
  readonly until: Until
  /** Keys held at most; undefined: as many as there are. */
  readonly maxRows?: number | undefined
  /** What happens at one key more: the first one goes early, or the application stops. */
  readonly whenFull: 'emit-early' | 'stop'
  /** About how long a key is held, for the width of the agenda's buckets. */
  readonly heldMs: number
  readonly hasHeaders?: boolean
}

const rowsMeta = 'rows'

/**
 * Holds a table's updates back and lets the last one of each key go (Kafka Streams'
 * `KTableSuppressProcessor`). Its stream time is the largest timestamp of the updates that reached
 * it. For each update:
 *
 * 1. A null key is left out and counted.
 * 2. The update takes the place of what is held of its key, whose time stays that of the first.
 * 3. All that is due goes out, by buffer time and then by the bytes of the key. Until window close:
 *    when the window is closed by the one rule (`closesAt`), and deletions go nowhere. Until a time
 *    limit: that long after the key's first update.
 * 4. Where more keys are held than there may be, the first one goes early, or the application stops.
 *
 * What is held, and its stream time, are part of the task's state.
 */
export class Suppress<K, V> implements Processor<K | null, V | null, K, V | null> {
  readonly #options: SuppressOptions
  readonly #waitMs: number
  #task: TaskState<K, V> | undefined

  constructor(options: SuppressOptions) {
    this.#options = options
    const { until } = options
    this.#waitMs = until.kind === 'time-limit' ? until.limitMs : 0
  }

  init(context: ProcessorContext): void {
    const { storeName, agendaName, heldMs } = this.#options
    const store = context.store<K, Suppressed<V>>(storeName)
    this.#task = {
      store,
      keySerde: internalSerde(store.spec.keySerde) as Serde<K>,
      time: context.time(storeName),
      agenda: new Agenda(context.store(agendaName), bucketMsFor(heldMs)),
      rowCount: store.meta(rowsMeta)?.readDoubleBE(0) ?? 0,
    }
  }

  process(record: Record<K | null, V | null>, collector: Collector<K, V | null>): void {
    const { key, timestampMs } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    const task = this.#taskState()
    const streamTimeMs = task.time.observe(timestampMs)
    const update = record as Record<K, V | null>
    const isHeld = this.#hold(update, streamTimeMs, task)
    this.#release(streamTimeMs, task, collector)
    if (!isHeld) {
      this.#forward(key, { ...update, bufferTimeMs: timestampMs }, streamTimeMs, collector)
    }
    this.#bound(streamTimeMs, task, collector)
  }

  advance(collector: Collector<K, V | null>): void {
    const task = this.#taskState()
    this.#release(task.time.streamTimeMs, task, collector)
  }

  flush(collector: Collector<K, V | null>): void {
    const task = this.#taskState()
    this.#release(task.time.streamTimeMs, task, collector)
    task.agenda.save()
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(task.rowCount)
    task.store.setMeta(rowsMeta, bytes)
  }

  /** False where the update is due at once. */
  #hold(update: Record<K, V | null>, streamTimeMs: number, task: TaskState<K, V>): boolean {
    const { key, value, timestampMs, headers } = update
    const row = task.store.row(key)
    const held = row.value
    if (held === null) {
      const bufferTimeMs = this.#bufferTimeOf(update)
      if (bufferTimeMs <= streamTimeMs - this.#waitMs) return false
      row.value = { bufferTimeMs, timestampMs, value, headers }
      const keyBytes = task.keySerde.serialize(key)
      task.agenda.add({ timeMs: bufferTimeMs, windowStartMs: noWindow, tag: 0, key: keyBytes })
      task.rowCount++
    } else {
      held.timestampMs = timestampMs
      held.value = value
      held.headers = headers
    }
    row.timestampMs = timestampMs
    task.store.changed(row)
    return true
  }

  #bufferTimeOf({ key, timestampMs }: Record<K, V | null>): number {
    const { until } = this.#options
    if (until.kind === 'time-limit') return timestampMs
    return until.closesAt((key as Windowed<unknown>).window)
  }

  /** Lets go what is due. */
  #release(streamTimeMs: number, task: TaskState<K, V>, collector: Collector<K, V | null>): void {
    const throughMs = streamTimeMs - this.#waitMs
    if (task.agenda.nextAtMs > throughMs) return
    for (;;) {
      const entry = task.agenda.next(throughMs)
      if (entry === undefined) return
      this.#letGo(entry, streamTimeMs, task, collector)
    }
  }

  #bound(streamTimeMs: number, task: TaskState<K, V>, collector: Collector<K, V | null>): void {
    const { maxRows = Number.POSITIVE_INFINITY, whenFull } = this.#options
    while (task.rowCount > maxRows) {
      if (whenFull === 'stop') throw full(this.#options.storeName, maxRows)
      const entry = task.agenda.first()
      assert(entry, 'every key that is held is on the agenda')
      this.#letGo(entry, streamTimeMs, task, collector)
    }
  }

  /** The entry may be of a key that went early, and came again or not. */
  #letGo(
    entry: AgendaEntry,
    streamTimeMs: number,
    task: TaskState<K, V>,
    collector: Collector<K, V | null>,
  ): void {
    const row: Row<K, Suppressed<V>> = task.store.row(task.keySerde.deserialize(entry.key))
    const held = row.value
    if (held === null || held.bufferTimeMs !== entry.timeMs) return
    row.value = null
    task.store.changed(row)
    task.rowCount--
    this.#forward(row.key, held, streamTimeMs, collector)
  }

  #forward(
    key: K,
    { value, timestampMs, headers }: Suppressed<V>,
    streamTimeMs: number,
    collector: Collector<K, V | null>,
  ): void {
    const { until, hasHeaders } = this.#options
    const isFinal = until.kind === 'window-close'
    if (isFinal && value === null) return
    const own =
      isFinal && hasHeaders
        ? finalHeaders((key as Windowed<unknown>).window, headers, streamTimeMs)
        : headers
    collector.release(key, timestampMs, () =>
      collector.forward(change(key, value, isFinal ? null : undefined, timestampMs, own)),
    )
  }

  #taskState(): TaskState<K, V> {
    assert(this.#task, 'the operator is used after init')
    return this.#task
  }
}

interface TaskState<K, V> {
  readonly store: Store<K, Suppressed<V>>
  readonly keySerde: Serde<K>
  readonly time: OperatorTime
  readonly agenda: Agenda
  /** Keys held. */
  rowCount: number
}

function full(storeName: string, maxRows: number): MillraceError {
  return new MillraceError('MILLRACE_OPERATORS_SUPPRESS_FULL', {
    message: `suppress '${storeName}' would hold more than ${maxRows} rows`,
  })
}
