import type { OfRecord } from '../callbacks.ts'
import type { NamedAggregate } from './named-aggregate.ts'

/** A value's timestamp and what the selector made of it; null before the first. */
type Dated = readonly [timestampMs: number, value: unknown] | null

/**
 * Of the earliest record (event time; of records at one time the first to come). Null or undefined
 * leaves a record out. The selected value must survive JSON.
 */
export function first<V, R>(of: OfRecord<unknown, V, R>): NamedAggregate<V, NonNullable<R> | null> {
  return dated('first', of, (known, next) => next[0] < known[0])
}

/** Of the latest record (event time; of records at one time the last to come). */
export function last<V, R>(of: OfRecord<unknown, V, R>): NamedAggregate<V, NonNullable<R> | null> {
  return dated('last', of, (known, next) => next[0] >= known[0])
}

/**
 * How many different texts or numbers there are, exactly. All of them are kept in the row: for sets
 * of thousands, not of millions.
 */
export function distinct<V, R extends string | number | null | undefined>(
  of: OfRecord<unknown, V, R>,
): NamedAggregate<V, number> {
  type Known = { [text: string]: 1 }
  return {
    verb: 'distinct',
    functions: [of],
    initial: () => ({}),
    // The type in front: 1 and '1' are two values, and no text is a name that objects have anyway.
    input(value, key, record) {
      const selected = of(value, key, record)
      if (selected === null || selected === undefined) return null
      return `${typeof selected} ${selected}`
    },
    add(state, input) {
      if (input !== null) (state as Known)[input as string] = 1
      return state
    },
    merge: (earlier, later) => Object.assign(earlier as Known, later),
    result: (state) => Object.keys(state as Known).length,
  }
}

function dated<V, R>(
  verb: string,
  of: OfRecord<unknown, V, R>,
  replaces: (known: NonNullable<Dated>, next: NonNullable<Dated>) => boolean,
): NamedAggregate<V, NonNullable<R> | null> {
  const choose = (known: Dated, next: Dated): Dated => {
    if (known === null || next === null) return known ?? next
    return replaces(known, next) ? next : known
  }
  return {
    verb,
    functions: [of],
    initial: () => null,
    input(value, key, record): Dated {
      const selected = of(value, key, record)
      return selected === null || selected === undefined ? null : [record.timestampMs, selected]
    },
    add: (state, input) => choose(state as Dated, input as Dated),
    merge: (earlier, later) => choose(earlier as Dated, later as Dated),
    result: (state) => ((state as Dated)?.[1] ?? null) as NonNullable<R> | null,
  }
}
