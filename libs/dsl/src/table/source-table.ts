import {
  passTable,
  segmentMsFor,
  storeReader,
  type TableReader,
  TableSource,
  VersionedTableSource,
  versionedReader,
  versionsSerde,
} from '@millrace/operators'
import { internalSerde } from '@millrace/record'
import { type Duration, formatDuration, parseDuration } from '@millrace/time'
import type { Processor, ViewSpec } from '@millrace/topology'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import { type FreshnessOptions, updatedView } from '../freshness.ts'
import type { RepartitionOptions } from '../options.ts'
import { KTable, type StreamOf } from './ktable.ts'
import { noDemands } from './table-origin.ts'

export interface TableOptions extends FreshnessOptions {
  /**
   * Names the store that keeps the rows, its changelog `<app>-<name>-changelog` and the node. Left
   * out, no rows are kept: the table can be filtered, mapped and written, and cannot tell whether
   * a deletion deletes anything.
   */
  readonly name?: string
  /** Raise it where old rows are wrong: old state is then not gone on with. */
  readonly version?: number
  /**
   * Keeps the versions of the rows as far back as this, counted from the largest timestamp: a
   * stream is then joined with what was valid at its record's time. They lie in a second store,
   * `<name>-history`. Records out of order no longer overwrite newer ones.
   */
  readonly history?: Duration
}

/** For a stream whose keys an operator changed. */
export interface RekeyedTableOptions extends TableOptions, RepartitionOptions {}

/** Adds the node that makes a table of records, and its stores where it has a name. */
export function sourceTable<K, V>(
  part: StreamPart<K, V>,
  options: TableOptions,
  streamOf: StreamOf,
): KTable<NonNullable<K>, NonNullable<V> | null> {
  type Key = NonNullable<K>
  type Value = NonNullable<V>
  const { draft, from, key, value } = part
  const { stores, supplier, reader, historyMs } = keepingOf(part, options)
  const node = draft.addProcessor(
    {
      operator: 'table',
      name: options.name,
      detail: historyMs === undefined ? undefined : `history ${formatDuration(historyMs)}`,
      supplier,
      stores,
      view: viewOf(options),
    },
    from,
  )
  const origin = { reader, knowsOldValues: reader !== undefined, demands: noDemands(), historyMs }
  const tablePart = { draft, from: [node], key, value, rekeyedBy: undefined } as unknown
  return new KTable(tablePart as StreamPart<Key, Value | null>, streamOf, origin as never)
}

function viewOf(options: TableOptions): ViewSpec | undefined {
  if (options.name !== undefined) return updatedView(options.name, options)
  if (options.freshness !== undefined) requiredName(options.name, 'a table with a freshness target')
  return undefined
}

interface Keeping {
  readonly stores: readonly string[]
  readonly supplier: () => Processor
  readonly reader: TableReader<unknown, unknown> | undefined
  readonly historyMs?: number
}

/** Adds what the table keeps: nothing, the latest row of each key, or versions. */
function keepingOf<K, V>(part: StreamPart<K, V>, options: TableOptions): Keeping {
  const { draft, key, value } = part
  if (options.name === undefined && options.history === undefined) {
    return { stores: [], supplier: () => passTable(), reader: undefined }
  }
  const name = requiredName(options.name, 'the store of a table with history')
  const common = { keySerde: internalSerde(key), version: options.version ?? 1 } as const
  draft.addStore({
    ...common,
    name,
    kind: 'key-value',
    valueSerde: internalSerde(value),
    why: 'table keeps the latest value of each key',
  })
  if (options.history === undefined) {
    return { stores: [name], supplier: () => new TableSource(name), reader: storeReader(name) }
  }
  const historyMs = parseDuration(options.history, 'history')
  const historyName = `${name}-history`
  draft.addStore({
    ...common,
    name: historyName,
    kind: 'window',
    valueSerde: versionsSerde(value),
    window: { sizeMs: segmentMsFor(historyMs), graceMs: historyMs },
    why: `table keeps the versions of the last ${formatDuration(historyMs)}`,
  })
  const versioned = { storeName: name, historyName, historyMs }
  return {
    stores: [name, historyName],
    supplier: () => new VersionedTableSource(versioned),
    reader: versionedReader(versioned),
    historyMs,
  }
}
