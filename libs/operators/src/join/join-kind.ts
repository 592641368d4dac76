/**
 * Which rows have a result although the other side has none: of neither side, of the left, of
 * both.
 */
export type JoinKind = 'inner' | 'left' | 'outer'

export type JoinSide = 'left' | 'right'

/** A function of a join: the left value, the right value, the key. */
export type OfPair<K, L, R, O> = (left: L, right: R, key: K) => O

/** Whether rows of this side have a result, with null, where the other side has nothing. */
export function isPreserved(kind: JoinKind, side: JoinSide): boolean {
  return kind === 'outer' || (kind === 'left' && side === 'left')
}
