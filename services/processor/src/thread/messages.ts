import type { Config } from '@millrace/config'
import type { LogLevel, PlaceName, SeriesDefinition } from '@millrace/telemetry'

/** What a worker thread is started with. */
export interface ThreadData {
  readonly config: Config
  readonly thread: number
  /** The same for all threads of the process. */
  readonly processId: string
}

/** From a worker thread to the main one. */
export type FromThread =
  | { readonly kind: 'counters'; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'series'; readonly series: SeriesDefinition }
  | { readonly kind: 'whereabouts'; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'place'; readonly name: PlaceName }
  | { readonly kind: 'state'; readonly state: string }
  /** Twice a second while the thread turns: a stuck one is silent. */
  | { readonly kind: 'beat'; readonly isReady: boolean }
  | { readonly kind: 'failed'; readonly message: string }
  | HandleRequest

/** To a worker thread. */
export type ToThread =
  | { readonly kind: 'stop' }
  | { readonly kind: 'logLevel'; readonly level: LogLevel }
  | HandleAnswer

/** A thread is about to open a database, or has closed it (`HandleKeeper`). */
export interface HandleRequest {
  readonly kind: 'hold' | 'release'
  readonly request: number
  readonly location: string
}

/** `error`: why it cannot be opened. */
export interface HandleAnswer {
  readonly kind: 'handle'
  readonly request: number
  readonly error?: { readonly code: string | undefined; readonly message: string } | undefined
}
