import {
  agendaStore,
  type Defined,
  isPreserved,
  type JoinKind,
  joinBucketMs,
  joinRowsSerde,
  streamStreamJoin as joinSuppliers,
  type OfPair,
} from '@millrace/operators'
import { internalSerde } from '@millrace/record'
import {
  formatDuration,
  type JoinWindows,
  type JoinWindowsOptions,
  joinWindows,
} from '@millrace/time'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import type { Draft } from '../draft/draft.ts'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import type { ValueOptions } from '../options.ts'
import { checkSides } from './check-sides.ts'

/**
 * Of a join of two streams: which records belong together in time (`before`, `after` a record of
 * the left stream), and how long it is waited for them (`grace`).
 */
export interface StreamJoinOptions<R> extends ValueOptions<R>, JoinWindowsOptions {
  /**
   * Names the store of the rows of both sides, its changelog `<app>-<name>-changelog` and the
   * nodes `<name>-left` and `<name>-right`; for sides whose records have a result without a match,
   * also a store `<name>-left-unmatched` or `<name>-right-unmatched`.
   */
  readonly name: string
  /** Raise it where old rows are wrong: old state is then not gone on with. */
  readonly version?: number
  /** Topic for late records: key, value and headers as they were, and why they were late. */
  readonly late?: string
}

/** Adds the two nodes that join streams, one for the records of each, and the stores they share. */
export function streamStreamJoin<K, VL, VR, R>(
  kind: JoinKind,
  left: StreamPart<K, VL>,
  right: StreamPart<K, VR>,
  joiner: OfPair<never, never, never, R>,
  options: StreamJoinOptions<R>,
): StreamPart<K, Defined<R>> {
  const operator = kind === 'inner' ? 'join' : `${kind}Join`
  const storeName = requiredName(options?.name, `the store of ${operator}`)
  checkSides(operator, left, right)
  const windows = joinWindows(options)
  const unmatchedNames = addStores(left, right, { kind, windows, storeName, operator, options })
  const suppliers = joinSuppliers({
    kind,
    windows,
    joiner: joiner as never,
    storeName,
    unmatchedNames,
  })
  const nodes = (['left', 'right'] as const).map((side) => {
    const { draft, from, key, value } = side === 'left' ? left : (right as StreamPart<K, unknown>)
    const { late } = options
    return draft.addProcessor(
      {
        operator,
        name: `${storeName}-${side}`,
        detail: `${side} side, ${windowsText(windows)}`,
        supplier: suppliers[side],
        stores: [storeName, ...Object.values(unmatchedNames)],
        late: late === undefined ? undefined : { topic: late, keySerde: key, valueSerde: value },
        functions: [joiner],
      },
      from,
    )
  })
  const value = options.value ?? defaultValueSerde()
  return { ...left, from: nodes, value: value as never }
}

interface StoresOf {
  readonly kind: JoinKind
  readonly windows: JoinWindows
  readonly storeName: string
  readonly operator: string
  readonly options: { readonly version?: number }
}

/** The store of the rows, and an agenda for each preserved side. */
function addStores<K, VL, VR>(
  left: StreamPart<K, VL>,
  right: StreamPart<K, VR>,
  { kind, windows, storeName, operator, options }: StoresOf,
): { readonly left?: string; readonly right?: string } {
  const draft: Draft = left.draft
  draft.addStore({
    name: storeName,
    kind: 'window',
    keySerde: internalSerde(left.key),
    valueSerde: joinRowsSerde(left.value, right.value),
    version: options.version ?? 1,
    window: { sizeMs: joinBucketMs(windows), graceMs: windows.retentionMs },
    why: `${operator} keeps the rows of both sides while others could match them`,
  })
  const names: { left?: string; right?: string } = {}
  for (const side of ['left', 'right'] as const) {
    if (!isPreserved(kind, side)) continue
    const name = `${storeName}-${side}-unmatched`
    draft.addStore(agendaStore(name, `${operator} notes when rows without a match are closed`))
    names[side] = name
  }
  return names
}

function windowsText({ beforeMs, afterMs, graceMs }: JoinWindows): string {
  const text = (ms: number) => (ms < 0 ? `-${formatDuration(-ms)}` : formatDuration(ms))
  return `${text(beforeMs)} before, ${text(afterMs)} after, grace ${formatDuration(graceMs)}`
}
