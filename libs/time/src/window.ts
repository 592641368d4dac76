/**
 * A window, milliseconds since the epoch: `[startMs, endMs)` where it is tumbling or hopping,
 * `[startMs, endMs]` where it slides or is a session.
 */
export interface Window {
  readonly startMs: number
  readonly endMs: number
}

/** The key of a windowed result. */
export interface Windowed<K> {
  readonly key: K
  readonly window: Window
}
