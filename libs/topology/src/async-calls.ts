import type { Record } from '@millrace/record'

/** What a function that is called ahead may know beside its record. */
export interface CallContext<K = unknown, V = unknown> {
  readonly record: Record<K, V>
  /** Aborted when the time is up, and when the task ends: hand it to `fetch`. */
  readonly signal: AbortSignal
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** Calls whose answers come later (`mapAsync`): the engine makes them before their records' turn. */
export interface AsyncCalls {
  readonly call: (context: CallContext) => Promise<unknown>
  /** Calls of one task under way at once. */
  readonly concurrency: number
  /** For one attempt. */
  readonly timeoutMs: number
  /** Attempts after the first that failed. */
  readonly retriesMax: number
  /** Before the second attempt; doubled each time. */
  readonly backoffMs: number
}

/**
 * What becomes of an operator when the engine looks ahead of the records' turn for calls: `run`, it
 * is a pure function; `pass`, its effects are left to the record's turn. Any other cannot stand
 * between a source and a call: what it does depends on the records before.
 */
const lookThrough: ReadonlyMap<string, 'run' | 'pass'> = new Map([
  ...['filter', 'filterNot', 'map', 'mapValues', 'flatMap', 'flatMapValues', 'selectKey'].map(
    (operator) => [operator, 'run'] as const,
  ),
  ...['groupBy', 'merge', 'split', 'branch', 'dropNullKeys', 'dropNullValues', 'mapAsync'].map(
    (operator) => [operator, 'run'] as const,
  ),
  ['peek', 'pass'],
])

export function lookThroughOf(node: {
  readonly operator: string
  readonly stores: readonly string[]
}): 'run' | 'pass' | undefined {
  return node.stores.length > 0 ? undefined : lookThrough.get(node.operator)
}
