import type { Serde } from '@millrace/record'

/** A topic that every process reads in full before anything else, and goes on reading. */
export interface GlobalTableSpec {
  /** Unique in the topology. */
  readonly name: string
  readonly topic: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
}

/** A global table as an operator reads it: synchronous, as of what the process has read. */
export interface GlobalRows<K, V> {
  /** `value` null: there is none. */
  row(key: K): { readonly value: V | null; readonly timestampMs: number }
}
