import type { Evidence } from '../evidence.ts'
import type { Guarantee } from '../simulated-process.ts'

/** One law, and how a run is held against it. */
export interface Checker {
  /** As it is printed where it fails. */
  readonly name: string
  readonly guarantees: readonly Guarantee[]
  /** One watcher a run. */
  start(): Watcher
}

export interface Watcher {
  /** At every tick of the run. */
  watch?(evidence: Evidence): void
  /** At the end: what does not agree, each in a sentence. */
  differences(evidence: Evidence): readonly string[] | Promise<readonly string[]>
}

export const both: readonly Guarantee[] = ['exactly_once', 'at_least_once']
export const exactlyOnce: readonly Guarantee[] = ['exactly_once']
export const atLeastOnce: readonly Guarantee[] = ['at_least_once']

/** A law of what a run leaves behind. */
export function atTheEnd(
  name: string,
  guarantees: readonly Guarantee[],
  differences: (evidence: Evidence) => Iterable<string>,
): Checker {
  return { name, guarantees, start: () => ({ differences: (it) => [...differences(it)] }) }
}
