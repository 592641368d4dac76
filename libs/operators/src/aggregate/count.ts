import type { Fold } from './fold.ts'

/** How many values there were. */
export function countFold<K, V>(): Fold<K, V, number, number> {
  return {
    operator: 'count',
    functions: [],
    add: (count) => (count === null ? 1 : count + 1),
    merge: (earlier, later) => (earlier ?? 0) + later,
    result: (count) => count,
  }
}
