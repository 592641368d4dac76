import type { Topology } from 'millrace'

/** A whole program with its input, `input.jsonl`, and what it writes, `expected.jsonl`, beside it. */
export interface GoldenProgram {
  readonly topology: Topology
  readonly partitions?: { readonly [topic: string]: number }
  /** The topics of `expected.jsonl`, in its order. */
  readonly outputs: readonly string[]
  /** Results, whose last values are compared with the batch. */
  readonly resultTopics: readonly string[]
  /** The last value of each `topic key[ @windowStart]`, from the whole input at once. */
  batch(input: readonly GoldenInput[]): ReadonlyMap<string, unknown>
  /** How many records a result stands for; only a program that re-keys may count some twice. */
  magnitude(value: never): number
  readonly isRekeyed: boolean
}

/** A line of `input.jsonl`. */
export interface GoldenInput {
  readonly topic: string
  readonly key: string | null
  readonly value: unknown
  readonly timestampMs: number
}

/** A line of `expected.jsonl`. */
export interface GoldenRecord extends Omit<GoldenInput, 'key'> {
  readonly key: string | null | { readonly key: string; readonly startMs: number }
  /** Texts by name; none where left out. */
  readonly headers?: { readonly [name: string]: string }
}
