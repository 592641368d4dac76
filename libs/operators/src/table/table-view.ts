import type { ProcessorContext } from '@millrace/topology'
import { defined } from '../callbacks.ts'
import type { OfRow } from './change.ts'

/** What a table has for a key; `value` null: nothing, and then the timestamp means nothing. */
export interface TableRow<V> {
  readonly value: V | null
  readonly timestampMs: number
}

/** A table as another operator reads it: synchronous, as of the changes sent so far. */
export interface TableView<K, V> {
  row(key: K): TableRow<V>
  /** Tables with versions: what was valid at this time. */
  rowAsOf?(key: K, timestampMs: number): TableRow<V>
}

/** How an operator opens a view of a table, and the stores that it must declare for it. */
export interface TableReader<K, V> {
  readonly stores: readonly string[]
  open(context: ProcessorContext): TableView<K, V>
}

export const noRow: TableRow<never> = Object.freeze({ value: null, timestampMs: -1 })

/** The rows of a store. */
export function storeReader<K, V>(storeName: string): TableReader<K, V> {
  return {
    stores: [storeName],
    open(context) {
      const store = context.store<K, V>(storeName)
      return { row: (key) => store.row(key) }
    },
  }
}

/** The rows of a store in which the table's values are made of what is kept. */
export function resultReader<K, V>(
  storeName: string,
  result: (aggregate: never) => V,
): TableReader<K, V> {
  return mapped(storeReader<K, never>(storeName), result)
}

/** The rows for which the predicate holds. */
export function filteredReader<K, V>(
  of: TableReader<K, V>,
  predicate: OfRow<K, V, boolean>,
): TableReader<K, V> {
  return derived(of, (row, key) => (row.value !== null && predicate(row.value, key) ? row : noRow))
}

/** The rows with other values. */
export function mappedReader<K, V, V2>(
  of: TableReader<K, V>,
  mapper: OfRow<K, V, V2>,
): TableReader<K, V2> {
  return mapped(of, mapper)
}

function mapped<K, V, V2>(
  of: TableReader<K, V>,
  mapper: (value: V, key: K) => V2,
): TableReader<K, V2> {
  return derived(of, (row, key) => {
    if (row.value === null) return noRow
    const value = defined(mapper(row.value, key)) as V2 | null
    return { value, timestampMs: row.timestampMs }
  })
}

function derived<K, V, V2>(
  of: TableReader<K, V>,
  derive: (row: TableRow<V>, key: K) => TableRow<V2>,
): TableReader<K, V2> {
  return {
    stores: of.stores,
    open(context) {
      const view = of.open(context)
      const row = (key: K) => derive(view.row(key), key)
      if (view.rowAsOf === undefined) return { row }
      const rowAsOf = view.rowAsOf.bind(view)
      return { row, rowAsOf: (key, atMs) => derive(rowAsOf(key, atMs), key) }
    },
  }
}
