import type { Fold } from './fold.ts'
import type { NamedAggregate } from './named-aggregate.ts'

export type NamedAggregates<V> = { readonly [name: string]: NamedAggregate<V, unknown> }

/** The results by name. */
export type NamedResults<N> = {
  readonly [Name in keyof N]: N[Name] extends NamedAggregate<never, infer R> ? R : never
}

/**
 * Several aggregates in one pass: one row, one write. The state is an array in the order of the
 * sorted names, so that reordering the object in the topology changes nothing; the plan records
 * names and verbs, so that every other edit is noticed.
 */
export function namedFold<K, V, N extends NamedAggregates<V>>(
  aggregates: N,
): Fold<K, V, unknown[], NamedResults<N>> {
  const names = Object.keys(aggregates).toSorted()
  const each = names.map((name) => aggregates[name] as NamedAggregate<V, unknown>)
  const inputs: unknown[] = each.map(() => undefined)
  return {
    operator: 'aggregate',
    detail: names.map((name, at) => `${name}: ${each[at]?.verb}`).join(', '),
    functions: each.flatMap(({ functions }) => functions),
    add(state, value, key, record) {
      // All inputs before the first change: a selector that throws leaves the row as it was.
      for (let at = 0; at < each.length; at++) inputs[at] = each[at]?.input(value, key, record)
      const states = state ?? each.map((aggregate) => aggregate.initial())
      for (let at = 0; at < each.length; at++) states[at] = each[at]?.add(states[at], inputs[at])
      return states
    },
    hasOwnResults: each.every(({ verb }) => verb !== 'custom'),
    ...(each.every((one) => 'merge' in one) && {
      merge: (earlier: unknown[] | null, later: unknown[], key: K) =>
        earlier === null ? later : each.map((one, at) => one.merge?.(earlier[at], later[at], key)),
    }),
    result(state) {
      const results: { [name: string]: unknown } = {}
      for (let at = 0; at < each.length; at++) {
        results[names[at] as string] = each[at]?.result(state[at])
      }
      return results as NamedResults<N>
    },
  }
}
