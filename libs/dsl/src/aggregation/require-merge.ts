import { MillraceError } from '@millrace/errors'
import type { Fold } from '@millrace/operators'

/** Sessions can meet: `MILLRACE_DSL_INVALID` where nothing says what their aggregates are then. */
export function requireMerge<K, V, A, R>(fold: Fold<K, V, A, R>): void {
  if ('merge' in fold) return
  throw new MillraceError('MILLRACE_DSL_INVALID', {
    message: `${fold.operator} by sessions has no way to put the aggregates of two sessions together`,
    remedy: 'Pass merge: (earlier, later, key) => …, to each custom aggregate too.',
  })
}
