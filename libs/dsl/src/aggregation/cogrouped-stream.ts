import { MillraceError } from '@millrace/errors'
import {
  type CogroupFunctions,
  cogroupFold,
  type OfAggregate,
  type Tagged,
  taggedSerde,
  tagInput,
} from '@millrace/operators'
import type { Serde } from '@millrace/record'
import type { Windowed, Windows } from '@millrace/time'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import type { AggregationOptions, WindowedAggregationOptions } from '../options.ts'
import type { KTable } from '../table/ktable.ts'
import type { Aggregation } from './aggregation.ts'
import type { Grouping } from './aggregation-table.ts'
import { rollingTable } from './rolling-table.ts'
import { windowedTable } from './windowed-table.ts'

/** How the values of the first input make the aggregate that others are to share. */
export interface CogroupOptions<K, V, A> {
  /** The aggregate of no values. A function, so that no two groups share an object. */
  readonly initial: () => A
  /** The aggregate with a value of this input in it. Null deletes. */
  readonly add: OfAggregate<K, V, A, A | null>
  /** Two aggregates as one, the earlier first; needed by sessions. */
  readonly merge?: (earlier: A, later: A, key: K) => A
}

/** What an aggregation of several inputs is told beside its functions. */
export interface CogroupedOptions<A, R> extends AggregationOptions<R> {
  /** What goes downstream; left out, the aggregate itself. */
  readonly result?: (aggregate: A) => R
  /** The serde of the store's rows where `result` makes something else of them; JSON if left out. */
  readonly state?: Serde<NonNullable<A>>
}

/** An input: where its records are, and what they do to the aggregate. */
export interface CogroupedInput {
  readonly grouping: Grouping<unknown, unknown>
  readonly add: OfAggregate<unknown, unknown, unknown, unknown>
}

/** Inputs differ in their types: the signatures of the classes below have checked them. */
export interface Cogrouped {
  readonly inputs: readonly CogroupedInput[]
  readonly shared: Pick<CogroupFunctions<unknown, unknown, unknown>, 'initial' | 'merge'>
}

/**
 * Several inputs on their way into one aggregate a key. There is one stream time for all of them.
 * A record with a null key or value is left out and counted.
 */
export class CogroupedStream<K, A> {
  readonly #of: Cogrouped

  constructor(of: Cogrouped) {
    this.#of = of
  }

  /** Another input, with what its values do to the aggregate. */
  cogroup<V>(
    other: { readonly grouping: Grouping<K, V> },
    add: OfAggregate<K, V, A, A | null>,
  ): CogroupedStream<K, A> {
    const { inputs, shared } = this.#of
    const input = { grouping: other.grouping, add } as unknown as CogroupedInput
    return new CogroupedStream({ inputs: [...inputs, input], shared })
  }

  /** Aggregates by key and window from here on; sessions need a `merge`. */
  windowedBy(windows: Windows): WindowedCogroupedStream<K, A> {
    return new WindowedCogroupedStream(this.#of, windows)
  }

  /** One aggregate a key, over all time. */
  aggregate<R = A>(options: CogroupedOptions<A, R>): KTable<K, R | null> {
    const name = requiredName(options?.name, 'the store of cogroup')
    const aggregation = aggregationOf(this.#of, options as CogroupedOptions<unknown, unknown>)
    return rollingTable(groupingOf(this.#of, name), aggregation) as never
  }
}

/** Several inputs on their way into one aggregate a key and window. */
export class WindowedCogroupedStream<K, A> {
  readonly #of: Cogrouped
  readonly #windows: Windows

  constructor(of: Cogrouped, windows: Windows) {
    this.#of = of
    this.#windows = windows
  }

  /** One aggregate a key and window. */
  aggregate<R = A>(
    options: CogroupedOptions<A, R> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, R | null> {
    const name = requiredName(options?.name, 'the store of the windowed cogroup')
    const aggregation = aggregationOf(this.#of, options as CogroupedOptions<unknown, unknown>)
    return windowedTable(groupingOf(this.#of, name), aggregation, this.#windows) as never
  }
}

type AnyTagged = Tagged<unknown, unknown>

function aggregationOf(
  { inputs, shared }: Cogrouped,
  options: CogroupedOptions<unknown, unknown>,
): Aggregation<unknown, AnyTagged, unknown, unknown> {
  const results = options.value ?? defaultValueSerde()
  const state = options.state ?? (options.result ? defaultValueSerde() : results)
  const adds = inputs.map(({ add }) => add)
  const fold = cogroupFold({ ...shared, adds, result: options.result })
  return { fold, options, state, results }
}

/** Every input behind its repartition, if it needs one, and tagged. */
function groupingOf({ inputs }: Cogrouped, storeName: string): Grouping<unknown, AnyTagged> {
  const parts = inputs.map(
    ({ grouping: { part, repartition } }) => repartition?.forAggregation(storeName) ?? part,
  )
  const [first] = parts as [StreamPart<unknown, unknown>]
  const { draft, key } = first
  for (const part of parts) requireSameKeys(first, part, storeName)
  const from = parts.map((part, input) => {
    const name = `${storeName}-input-${input + 1}`
    const supplier = () => tagInput(input)
    return draft.addProcessor({ operator: 'cogroup', name, supplier }, part.from)
  })
  const value = taggedSerde<unknown>(parts.map((part) => part.value))
  const { streamOf } = (inputs[0] as CogroupedInput).grouping
  return {
    part: { draft, from, key, value, rekeyedBy: undefined },
    repartition: undefined,
    streamOf,
  }
}

function requireSameKeys(
  first: StreamPart<unknown, unknown>,
  other: StreamPart<unknown, unknown>,
  storeName: string,
): void {
  if (first.draft !== other.draft) {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: `cogroup '${storeName}' is given streams of two topologies`,
    })
  }
  if (first.key.name === other.key.name) return
  throw new MillraceError('MILLRACE_DSL_INVALID', {
    message: `the inputs of cogroup '${storeName}' write their keys as ${first.key.name} and as ${other.key.name}`,
    remedy: 'Give all of them the same serde for keys.',
  })
}
