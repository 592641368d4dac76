import { MillraceError } from '@millrace/errors'
import type { TableReader } from '@millrace/operators'
import type { TableOrigin } from './table-origin.ts'

/** How to read a table's rows, or `MILLRACE_DSL_NAME_REQUIRED` where it keeps none. */
export function requireRows<K, V>(
  origin: TableOrigin<K, V>,
  operator: string,
  from: readonly string[],
): TableReader<K, NonNullable<V>> {
  if (origin.reader !== undefined) return origin.reader
  throw noRows(operator, from)
}

export function noRows(operator: string, from: readonly string[]): MillraceError {
  return new MillraceError('MILLRACE_DSL_NAME_REQUIRED', {
    message: `${operator} reads the rows of the table of ${from.join(', ')}, which keeps none`,
    remedy: 'Give the table a name where it is made: it then keeps its rows in a store.',
  })
}
