import type { Window, Windowed } from '@millrace/time'

/** The key without its window. */
export type BareKey<K> = K extends Windowed<infer B> ? B : NonNullable<K>

/** How a measure has moved since `over` ago. */
export interface Change {
  readonly before: number
  readonly now: number
  /** `now - before`. */
  readonly delta: number
  /** `now / before`: NaN or infinite where `before` is 0. */
  readonly ratio: number
  /** Event time from `before` to now: `over` at least. */
  readonly elapsedMs: number
}

/** One value of a stream or view, as the functions of a rule see it. */
export interface Sample<K, V> {
  readonly key: K
  readonly value: V
  /** Event time from which the value is known: the record's, of a windowed result that of its close. */
  readonly atMs: number
  /** Of a windowed result. */
  readonly window?: Window
  /** Time has not passed the window yet: the value may still change. */
  readonly isProvisional: boolean
  /** With `compare`, once there is a value from long enough ago. */
  readonly change?: Change
}
