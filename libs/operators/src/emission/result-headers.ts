import type { Header, Headers } from '@millrace/record'
import type { Window } from '@millrace/time'

/** What a result says of itself. One without the header is an update. */
export type ResultKind = 'update' | 'early' | 'final' | 'retraction'

export const resultHeader = {
  kind: 'millrace.kind',
  /** How many commits have changed the aggregate (sessions: how many records), as text. */
  revision: 'millrace.revision',
  /** First millisecond of the window, as text. */
  windowStart: 'millrace.window-start',
  /** The window's end; it belongs to sliding windows and sessions, not to the others. */
  windowEnd: 'millrace.window-end',
  /** Stream time of the operator when the result went out, as text. */
  streamTime: 'millrace.stream-time',
} as const

export interface ResultFacts {
  readonly kind: ResultKind
  /** Left out where it is not known. */
  readonly revision: number | string | undefined
  readonly window: Window
  readonly streamTimeMs: number
}

const kinds: { readonly [K in ResultKind]: Header } = {
  update: [resultHeader.kind, Buffer.from('update')],
  early: [resultHeader.kind, Buffer.from('early')],
  final: [resultHeader.kind, Buffer.from('final')],
  retraction: [resultHeader.kind, Buffer.from('retraction')],
}

/** The headers of one result: its own, never those of the record that let it go. */
export function resultHeaders({ kind, revision, window, streamTimeMs }: ResultFacts): Headers {
  return [
    kinds[kind],
    ...(revision === undefined ? [] : [text(resultHeader.revision, revision)]),
    text(resultHeader.windowStart, window.startMs),
    text(resultHeader.windowEnd, window.endMs),
    text(resultHeader.streamTime, streamTimeMs),
  ]
}

function text(name: string, value: number | string): Header {
  return [name, Buffer.from(String(value))]
}
