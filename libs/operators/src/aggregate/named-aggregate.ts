import { MillraceError } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { OfRecord } from '../callbacks.ts'
import type { AggregateFunctions } from './aggregate.ts'

/**
 * One of several aggregates that a pass over the values computes (`namedFold`). Its state must
 * survive JSON. Made by `count`, `sum`, `min`, `max`, `mean` and `custom`.
 */
export interface NamedAggregate<V, R> {
  /** `count`, `sum`, … */
  readonly verb: string
  readonly functions: readonly unknown[]
  initial(): unknown
  /** What `add` needs of the value. May throw: nothing has changed yet when it is called. */
  input(value: V, key: unknown, record: Record<unknown, V>): unknown
  /** The state with the input in it; may change the old one and return it. */
  add(state: unknown, input: unknown): unknown
  /** Two states as one, the earlier one first; left out where the user gave no way (`custom`). */
  merge?(earlier: unknown, later: unknown, key: unknown): unknown
  result(state: unknown): R
}

/** A number of the value; null or undefined leaves the value out of this aggregate, as in SQL. */
export type NumberOf<V, N extends Numeric> = OfRecord<unknown, V, N>
export type Numeric = number | null | undefined

/** Null where it is possible that no value had a number. */
export type NumberFrom<N extends Numeric> = N extends number ? number : null

/** How many values there were. */
export function count(): NamedAggregate<unknown, number> {
  return {
    verb: 'count',
    functions: [],
    initial: () => 0,
    input: () => undefined,
    add: (state) => (state as number) + 1,
    merge: (earlier, later) => (earlier as number) + (later as number),
    result: (state) => state as number,
  }
}

/** The sum; 0 where no value had a number. Floating point: the order of the values can show. */
export function sum<V, N extends Numeric>(of: NumberOf<V, N>): NamedAggregate<V, number> {
  return {
    verb: 'sum',
    functions: [of],
    initial: () => 0,
    input: numberInput('sum', of),
    add: (state, input) => (input === null ? state : (state as number) + (input as number)),
    merge: (earlier, later) => (earlier as number) + (later as number),
    result: (state) => state as number,
  }
}

/** The smallest number. */
export function min<V, N extends Numeric>(of: NumberOf<V, N>): NamedAggregate<V, NumberFrom<N>> {
  return extreme('min', of, Math.min)
}

/** The largest number. */
export function max<V, N extends Numeric>(of: NumberOf<V, N>): NamedAggregate<V, NumberFrom<N>> {
  return extreme('max', of, Math.max)
}

/** The arithmetic mean. Kept as sum and count. */
export function mean<V, N extends Numeric>(of: NumberOf<V, N>): NamedAggregate<V, NumberFrom<N>> {
  return {
    verb: 'mean',
    functions: [of],
    initial: () => [0, 0],
    input: numberInput('mean', of),
    add(state, input) {
      const pair = state as [total: number, values: number]
      if (input === null) return pair
      pair[0] += input as number
      pair[1] += 1
      return pair
    },
    merge(earlier, later) {
      const [left, right] = [earlier as [number, number], later as [number, number]]
      return [left[0] + right[0], left[1] + right[1]]
    },
    result(state) {
      const [total, values] = state as [total: number, values: number]
      return (values === 0 ? null : total / values) as NumberFrom<N>
    },
  }
}

/** An aggregate of your own beside the others. `add` must not return null. */
export function custom<V, A, R = A>(
  functions: AggregateFunctions<unknown, V, A, R>,
): NamedAggregate<V, R> {
  const { initial, add, merge, result } = functions
  type Input = readonly [value: V, key: unknown, record: Record<unknown, V>]
  return {
    verb: 'custom',
    functions: [initial, add, merge, result].filter((given) => given !== undefined),
    initial,
    input: (...input: Input) => input,
    add(state, input) {
      const after = add(state as A, ...(input as Input))
      if (after !== null && after !== undefined) return after
      throw new MillraceError('MILLRACE_OPERATORS_NO_RESULT', {
        message: `the add function of custom returned ${String(after)}`,
        remedy: 'Return the new aggregate; one of several cannot be deleted.',
      })
    },
    ...(merge && {
      merge: (earlier: unknown, later: unknown, key: unknown) =>
        merge(earlier as A, later as A, key),
    }),
    result: (state) => (result ? result(state as A) : (state as R)),
  }
}

function extreme<V, N extends Numeric>(
  verb: string,
  of: NumberOf<V, N>,
  choose: (left: number, right: number) => number,
): NamedAggregate<V, NumberFrom<N>> {
  return {
    verb,
    functions: [of],
    initial: () => null,
    input: numberInput(verb, of),
    add(state, input) {
      if (input === null) return state
      return state === null ? input : choose(state as number, input as number)
    },
    merge(earlier, later) {
      if (earlier === null || later === null) return earlier ?? later
      return choose(earlier as number, later as number)
    },
    result: (state) => state as NumberFrom<N>,
  }
}

/** NaN and Infinity would come back from the store's JSON as null: refused before they get in. */
function numberInput<V>(
  verb: string,
  of: NumberOf<V, Numeric>,
): NamedAggregate<V, unknown>['input'] {
  return (value, key, record) => {
    const input: unknown = of(value, key, record)
    if (input === null || input === undefined) return null
    if (Number.isFinite(input)) return input
    throw new MillraceError('MILLRACE_OPERATORS_NOT_A_NUMBER', {
      message: `the selector of ${verb} returned ${typeof input === 'number' ? input : `a ${typeof input}`}`,
    })
  }
}
