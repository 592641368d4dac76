import { readFileSync } from 'node:fs'

/** A small case with a name, transcribed from Kafka Streams' own tests or observed on it. */
export interface NamedCase {
  readonly id: string
  readonly group: string
  readonly name: string
  /** In words. */
  readonly topology: string
  readonly params: { readonly [name: string]: unknown }
  readonly input: readonly NamedStep[]
  readonly expected: readonly NamedResult[]
  readonly match: string
  readonly stance: 'match' | 'improve'
  /** Further expectations, by what they hold for. */
  readonly also?: { readonly [name: string]: unknown }
}

export interface NamedStep {
  readonly topic?: string
  readonly key?: unknown
  readonly value?: unknown
  readonly ts?: number
  readonly [more: string]: unknown
}

export interface NamedResult {
  /** Index of the input record that brings it. */
  readonly after?: number
  readonly key?: unknown
  readonly value?: unknown
  readonly ts?: number
  readonly [more: string]: unknown
}

export function readNamedCases(file: string): readonly NamedCase[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly NamedCase[]
}

/** The parameter, or what is to be taken where the case has none. */
export function param<T>({ params }: NamedCase, name: string, fallback: T): T {
  return (params[name] as T | undefined) ?? fallback
}
