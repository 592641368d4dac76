import type { Serde } from '@millrace/record'

/** What a topology declares about a store. */
export interface StoreSpec {
  /** Unique in the topology, required of the user: names the changelog `<app>-<name>-changelog`. */
  readonly name: string
  readonly kind: 'key-value' | 'window'
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /** Raised by the user where a changed function makes old rows wrong; part of the fingerprint. */
  readonly version: number
  /** Window stores: size and grace of the windows in it. */
  readonly window?: { readonly sizeMs: number; readonly graceMs: number }
  /**
   * Rows kept in memory between commits where these are large and few; left out, an even share of
   * what the task may keep.
   */
  readonly cacheRowsMax?: number
  /** Why the store exists, for `describe()`. */
  readonly why: string
}

/** A plain store's rows have this in place of a window start. */
export const noWindow = -1

/**
 * One key (and window) in a store, alive in memory while it is in use. The operator reads and
 * writes its fields and then calls `changed(row)`. `value` null means absent: such a row becomes a
 * tombstone at the next seal.
 */
export interface Row<K, V> {
  readonly key: K
  /** `noWindow` in a key-value store. */
  readonly windowStartMs: number
  value: V | null
  /** Largest event time in the value; -1 where absent. */
  timestampMs: number
  /** How many commits have changed the row, the one under way included. */
  readonly revision: number
  /** Whether a commit before this one left a value. */
  readonly existed: boolean
}

/** What a row holds. */
export interface RowContent<V> {
  readonly value: V
  readonly timestampMs: number
  readonly revision: number
}

/**
 * A store as an operator sees it: a write buffer of typed rows over the task's backend. Everything
 * is synchronous; nothing is serialised before the seal, and then once per changed row.
 */
export interface Store<K, V> {
  readonly spec: StoreSpec
  /** The row of a key, loaded or new. The same object until the commit (or abort) that ends the buffer. */
  row(key: K, windowStartMs?: number): Row<K, V>
  /**
   * What the row holds, without keeping it in memory: for the one look at a row that is on its way
   * out. `undefined` where it is absent.
   */
  read(key: K, windowStartMs?: number): RowContent<V> | undefined
  /** Marks the row as changed by the record that the task is processing. Cheap to repeat. */
  changed(row: Row<K, V>): void
  /** The rows changed since the last commit, in the order of their first change. */
  changedRows(): readonly Row<K, V>[]
  /**
   * Window stores: windows starting at or before this are closed and leave at the next seal, with
   * tombstones in the changelog. Never moves back.
   */
  expireThrough(windowStartMs: number): void
  /** Window stores: the windows with rows as of the last seal, ascending; closed ones left out. */
  windowStarts(): readonly number[]
  /** A small value of the operator's own (stream time, say), committed and changelogged with the rows. */
  meta(name: string): Buffer | undefined
  setMeta(name: string, value: Buffer): void
}
