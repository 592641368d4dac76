import type { Draft } from '../draft/draft.ts'

/**
 * A topic that every process reads in full before it processes anything, and follows from then on:
 * any record can be joined with any of its rows, whatever its key. For tables that fit a process.
 */
export class GlobalTable<K, V> {
  readonly name: string
  readonly draft: Draft
  /** For the types alone. */
  declare readonly row: readonly [key: K, value: V]

  constructor(name: string, draft: Draft) {
    this.name = name
    this.draft = draft
  }
}
