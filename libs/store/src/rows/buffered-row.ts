import type { Row } from '../store.ts'

/** Where a row stands in its store's buffer. */
export const rowState = {
  /** As the backend has it, or will have it once the sealed commit is applied. */
  clean: 0,
  /** Waits for the next seal. */
  changed: 1,
  /** No longer in the buffer; a change to it would be lost. */
  detached: 2,
} as const

/**
 * A row in memory. One class, every field set in the constructor and never given another kind of
 * value, so that all rows share a hidden class and a hit allocates nothing.
 */
export class BufferedRow<K, V> implements Row<K, V> {
  readonly key: K
  readonly windowStartMs: number
  value: V | null = null
  timestampMs = -1
  revision = 0
  existed = false
  state: number = rowState.clean
  /** The record that changed the row last. */
  sourceIndex = 0
  sourceOffset = -1
  /** Of its bytes in the backend, as far as they are known: 0 until it was read or sealed. */
  sizeBytes = 0
  /** The commit cycle in which the row was last asked for; rows not asked for leave first. */
  usedInCycle: number
  /** The cycle in which it came into memory. */
  readonly loadedInCycle: number

  constructor(key: K, windowStartMs: number, cycle: number) {
    this.key = key
    this.windowStartMs = windowStartMs
    this.usedInCycle = cycle
    this.loadedInCycle = cycle
  }
}

/** The rows of one window that are in memory; a key-value store has one group. */
export interface RowGroup<K, V> {
  readonly windowStartMs: number
  readonly rows: Map<string | number, BufferedRow<K, V>>
  /** Every row of the window is in `rows`: what is not there does not exist. */
  isComplete: boolean
}
