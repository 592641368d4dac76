import { MillraceError } from '@millrace/errors'
import { agendaStore, Suppress, suppressedSerde, type Until } from '@millrace/operators'
import { internalSerde, type Serde } from '@millrace/record'
import {
  type Duration,
  formatDuration,
  parseDuration,
  type Window,
  type Windows,
} from '@millrace/time'
import type { Processor } from '@millrace/topology'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import { type FreshnessOptions, suppressedView } from '../freshness.ts'
import { noDemands, type TableOrigin } from './table-origin.ts'

export interface SuppressOptions extends FreshnessOptions {
  /** Names the store of what is held back, its changelog `<app>-<name>-changelog` and the node. */
  readonly name: string
  /** Raise it where rows that are held are wrong: old state is then not gone on with. */
  readonly version?: number
  /**
   * `'window-close'`: one result a window, when it closes, for tables with windowed keys. A time
   * limit: the latest update of a key, that long (event time) after its first.
   */
  readonly until: 'window-close' | { readonly timeLimit: Duration }
  /** Keys held at most; left out, as many as there are. They lie in the store, not in memory. */
  readonly maxRows?: number | undefined
  /**
   * At one key more: the one held longest goes early, or the application stops. Left out: early,
   * and `'stop'` until window close, where early results would not be final.
   */
  readonly whenFull?: 'emit-early' | 'stop'
  /** Until window close: whether results say in headers what they are. Left out: they do. */
  readonly headers?: boolean
}

/** Adds the node that holds a table's updates back, and its stores. */
export function suppressedTable<K, V>(
  part: StreamPart<K, V>,
  origin: TableOrigin<K, V>,
  options: SuppressOptions,
): { readonly part: StreamPart<K, V>; readonly origin: TableOrigin<K, V> } {
  const storeName = requiredName(options?.name, 'the store of suppress')
  const { until, heldMs, text } = parsed(options, origin.windows)
  const { maxRows, headers: hasHeaders = true } = options
  const whenFull = checkedWhenFull(options)
  // What is held is what was sent last, record by record: no commit shows in when it is let go.
  origin.demands.everyChange = true
  const { draft, from, key, value } = part
  const agendaName = `${storeName}-due`
  draft.addStore({
    name: storeName,
    kind: 'key-value',
    keySerde: internalSerde(key),
    valueSerde: suppressedSerde(value) as Serde<unknown>,
    version: options.version ?? 1,
    why: `suppress holds the latest update of each key ${text}`,
  })
  draft.addStore(agendaStore(agendaName, 'which updates are let go when'))
  const bound = maxRows === undefined ? '' : `, at most ${maxRows} rows, then ${whenFull}`
  const supplier = (): Processor =>
    new Suppress({ storeName, agendaName, until, maxRows, whenFull, heldMs, hasHeaders })
  const stores = [storeName, agendaName]
  const detail = `${text}${bound}`
  const held =
    until.kind === 'window-close' && origin.windows !== undefined
      ? { windows: origin.windows }
      : { limitMs: heldMs }
  const view = suppressedView(storeName, options, held)
  const node = draft.addProcessor(
    { operator: 'suppress', name: storeName, supplier, view, stores, detail },
    from,
  )
  const knowsOldValues = until.kind === 'window-close'
  return {
    part: { ...part, from: [node] },
    origin: { reader: undefined, knowsOldValues, demands: noDemands(), windows: origin.windows },
  }
}

interface Parsed {
  readonly until: Until
  readonly heldMs: number
  readonly text: string
}

function parsed({ name, until }: SuppressOptions, windows: Windows | undefined): Parsed {
  if (until !== 'window-close') {
    const limitMs = parseDuration(until.timeLimit, `the time limit of suppress '${name}'`)
    const text = `for ${formatDuration(limitMs)}`
    return { until: { kind: 'time-limit', limitMs }, heldMs: limitMs, text }
  }
  if (windows === undefined) {
    throw invalid(`suppress '${name}' waits for windows to close, and the table has none`)
  }
  if (windows.kind === 'unlimited') {
    throw invalid(`suppress '${name}' waits for windows to close, and these never do`)
  }
  const closesAt = (window: Window) => windows.closesAt(window)
  const heldMs = closesAt({ startMs: 0, endMs: sizeOf(windows) })
  return { until: { kind: 'window-close', closesAt }, heldMs, text: 'until its window closes' }
}

function sizeOf(windows: Windows): number {
  if (windows.kind === 'session') return windows.gapMs
  return windows.kind === 'sliding' ? windows.timeDifferenceMs : windows.sizeMs
}

function checkedWhenFull(options: SuppressOptions): 'emit-early' | 'stop' {
  const { name, until, maxRows, whenFull } = options
  if (maxRows !== undefined && (!Number.isSafeInteger(maxRows) || maxRows < 1)) {
    throw invalid(`suppress '${name}' may hold ${maxRows} rows: a whole number from 1 on is needed`)
  }
  if (until !== 'window-close') return whenFull ?? 'emit-early'
  if (whenFull !== 'emit-early') return 'stop'
  throw invalid(`suppress '${name}' cannot let a result go early that is to be final`)
}

function invalid(message: string): MillraceError {
  return new MillraceError('MILLRACE_DSL_INVALID', { message })
}
