import { noHeaders, type Serde } from '@millrace/record'
import type { RowContent } from '@millrace/store'
import type { Window, Windowed } from '@millrace/time'
import type { Collector } from '@millrace/topology'
import type { Agenda } from '../agenda/agenda.ts'
import type { AgendaEntry } from '../agenda/agenda-page.ts'
import { OncePerTick } from './once-per-tick.ts'
import { type ResultKind, resultHeaders } from './result-headers.ts'

export interface WindowResultsOptions<K, A, R> {
  readonly keySerde: Serde<K>
  readonly agenda: Agenda
  readonly windows: { closesAt(window: Window): number }
  /** From a window's start to its end. */
  readonly sizeMs: number
  /** What a window holds; undefined where that was deleted. */
  readonly read: (key: K, windowStartMs: number) => RowContent<A> | undefined
  readonly result: (aggregate: A) => R
  /** Undefined: no early results. */
  readonly earlyMs: number | undefined
  readonly hasHeaders: boolean
}

const tag = { early: 0, final: 1 } as const

/**
 * Final and early results of windows with a fixed size, put on an agenda when the aggregate of a key
 * and window comes into being or changes.
 *
 * A final result goes out when stream time reaches `closesAt`, in the commit in which the window
 * leaves the store. An early one goes out when stream time reaches the next multiple of the interval
 * after a change, unless the window closes at that moment. Both before anything that the record does
 * which moved the time.
 */
export class WindowResults<K, A, R> {
  readonly #options: WindowResultsOptions<K, A, R>
  readonly #isOnAgenda = new OncePerTick<object>()

  constructor(options: WindowResultsOptions<K, A, R>) {
    this.#options = options
  }

  /**
   * An aggregate came into being, got another value, or was deleted. `aggregate` is whatever stands
   * for it in memory.
   */
  changed(
    aggregate: object,
    key: K,
    windowStartMs: number,
    wasAbsent: boolean,
    streamTimeMs: number,
  ): void {
    const { agenda, windows, earlyMs } = this.#options
    if (!wasAbsent && earlyMs === undefined) return
    const closesAtMs = windows.closesAt(this.#window(windowStartMs))
    if (wasAbsent) agenda.add(this.#entry(key, windowStartMs, closesAtMs, tag.final))
    if (earlyMs === undefined) return
    const tickMs = streamTimeMs - (streamTimeMs % earlyMs) + earlyMs
    // A window that closes before the tick has its final result by then.
    if (tickMs >= closesAtMs || !this.#isOnAgenda.add(aggregate, tickMs)) return
    agenda.add(this.#entry(key, windowStartMs, tickMs, tag.early))
  }

  /** Sends what is due at this stream time. */
  advance(streamTimeMs: number, collector: Collector<Windowed<K>, R | null>): void {
    const { agenda } = this.#options
    if (agenda.nextAtMs > streamTimeMs) return
    for (;;) {
      const entry = agenda.next(streamTimeMs)
      if (entry === undefined) return
      this.#send(entry, streamTimeMs, collector)
    }
  }

  /** At the seal of a commit. */
  save(): void {
    this.#options.agenda.save()
  }

  #send(
    entry: AgendaEntry,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    const { keySerde, read, windows, result, hasHeaders } = this.#options
    const key = keySerde.deserialize(entry.key)
    const content = read(key, entry.windowStartMs)
    const window = this.#window(entry.windowStartMs)
    const isEarly = entry.tag === tag.early
    // A row deleted since: downstream may know an early result of it, and no final one will come.
    if (content === undefined && !isEarly) return
    if (content !== undefined && isEarly && windows.closesAt(window) <= streamTimeMs) return
    const kind: ResultKind = isEarly ? 'early' : 'final'
    const revision = content?.revision ?? 0
    const timestampMs = content?.timestampMs ?? entry.timeMs
    const windowed = { key, window }
    collector.release(windowed, timestampMs, () =>
      collector.forward({
        key: windowed,
        value: content === undefined ? null : result(content.value),
        timestampMs,
        headers: hasHeaders ? resultHeaders({ kind, revision, window, streamTimeMs }) : noHeaders,
      }),
    )
  }

  #window(startMs: number): Window {
    return { startMs, endMs: startMs + this.#options.sizeMs }
  }

  #entry(key: K, windowStartMs: number, timeMs: number, tag: number): AgendaEntry {
    return { timeMs, windowStartMs, tag, key: this.#options.keySerde.serialize(key) }
  }
}
