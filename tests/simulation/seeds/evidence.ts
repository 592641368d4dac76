import type { SimulatedCluster, StoredRecord } from '@millrace/simulation'
import type { Reading } from './application.ts'
import { topics } from './application.ts'
import type { FedRecord } from './feed.ts'
import type { Machine } from './machine.ts'
import type { Guarantee } from './simulated-process.ts'

export interface LogLine {
  readonly process: string
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: { readonly [name: string]: unknown }
}

/** What a run left behind, for the checkers. */
export interface Evidence {
  readonly guarantee: Guarantee
  readonly cluster: SimulatedCluster
  readonly machines: readonly Machine[]
  readonly fed: readonly FedRecord[]
  readonly log: readonly LogLine[]
  /** Processes that ended by themselves, and why. */
  readonly failures: readonly string[]
  /** Which machine ran a task at the end. */
  readonly owners: ReadonlyMap<string, Machine>
}

/** Readings that were written, in the order of each partition. */
export function readingsOf({ fed }: Evidence): readonly Reading[] {
  return fed.flatMap(({ reading }) => reading ?? [])
}

/** What came out behind the repartition, in the order of each item. */
export function echoesOf({ cluster }: Evidence): readonly Reading[] {
  return cluster.readAll(topics.echo).map(readingIn)
}

export function readingIn({ value }: StoredRecord): Reading {
  return JSON.parse(String(value)) as Reading
}

/** Lists by key, in order. */
export function byKey<T>(
  all: Iterable<T>,
  keyOf: (one: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}
