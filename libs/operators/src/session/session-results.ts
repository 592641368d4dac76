import { noHeaders } from '@millrace/record'
import type { Windowed } from '@millrace/time'
import type { Collector } from '@millrace/topology'
import { type ResultKind, resultHeaders } from '../emission/result-headers.ts'
import type { Retraction, Session, SessionRow } from './session-row.ts'

export interface SessionResultsOptions<A, R> {
  readonly result: (aggregate: A) => R
  readonly hasHeaders: boolean
}

/** What of a key's sessions goes downstream: what is no longer true first, then what is. */
export class SessionResults<K, A, R> {
  readonly #options: SessionResultsOptions<A, R>

  constructor(options: SessionResultsOptions<A, R>) {
    this.#options = options
  }

  /** Takes back what is no longer true. */
  retract(
    key: K,
    { retractions }: SessionRow<A>,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    for (const retraction of retractions.splice(0)) {
      this.#forward(key, retraction, null, 'retraction', streamTimeMs, collector)
    }
  }

  send(
    key: K,
    session: Session<A>,
    kind: ResultKind,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    session.isSent = true
    session.isChanged = false
    const send = (): void => {
      const value = this.#options.result(session.aggregate)
      this.#forward(key, session, value, kind, streamTimeMs, collector)
    }
    if (kind === 'update') return send()
    const { startMs, endMs } = session
    collector.release({ key, window: { startMs, endMs } }, endMs, send)
  }

  #forward(
    key: K,
    { startMs, endMs, revision }: Retraction,
    value: R | null,
    kind: ResultKind,
    streamTimeMs: number,
    collector: Collector<Windowed<K>, R | null>,
  ): void {
    const window = { startMs, endMs }
    collector.forward({
      key: { key, window },
      value,
      timestampMs: endMs,
      headers: this.#options.hasHeaders
        ? resultHeaders({ kind, revision, window, streamTimeMs })
        : noHeaders,
    })
  }
}
