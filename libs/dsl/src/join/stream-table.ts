import { MillraceError } from '@millrace/errors'
import {
  agendaStore,
  type Defined,
  graceBucketMs,
  joinRowsSerde,
  type OfPair,
  StreamTableJoin,
  StreamTableJoinGrace,
  type StreamTableJoinOptions,
} from '@millrace/operators'
import { internalSerde } from '@millrace/record'
import { type Duration, formatDuration, parseDuration } from '@millrace/time'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import type { ValueOptions } from '../options.ts'
import { requireRows } from '../table/require-rows.ts'
import type { TableSide } from '../table/table-origin.ts'
import { checkSides } from './check-sides.ts'

/** Of a join of a stream with a table. */
export interface TableJoinOptions<R> extends ValueOptions<R> {
  /** Names the node and, with `grace`, the store of the records that wait. */
  readonly name?: string
  /**
   * How long a record waits for changes of the table, in the time of the stream. The table must
   * keep a history as long.
   */
  readonly grace?: Duration
  /** Raise it where records that wait are wrong: they are then not gone on with. */
  readonly version?: number
}

/** Adds the node that joins a stream's records with a table's rows. */
export function streamTableJoin<K, V, VT, R>(
  kind: 'inner' | 'left',
  stream: StreamPart<K, V>,
  table: TableSide<NonNullable<K>, VT>,
  joiner: OfPair<never, never, never, R>,
  options: TableJoinOptions<R> = {},
): StreamPart<K, Defined<R>> {
  const operator = kind === 'inner' ? 'join' : 'leftJoin'
  checkSides(operator, stream, table.part)
  const reader = requireRows(table.origin, operator, table.part.from)
  const join: AnyJoin = { kind, table: reader, joiner: joiner as never }
  const { supplier, stores, detail } =
    options.grace === undefined
      ? { supplier: () => new StreamTableJoin(join), stores: [], detail: '' }
      : withGrace(stream, table, join, { ...options, operator })
  const node = stream.draft.addProcessor(
    {
      operator,
      name: options.name,
      detail: `with table ${table.part.from.join(', ')}${detail}`,
      supplier,
      stores: [...reader.stores, ...stores],
      functions: [joiner],
    },
    stream.from,
  )
  const value = options.value ?? defaultValueSerde()
  return { ...stream, from: [node], value: value as never }
}

type AnyJoin = StreamTableJoinOptions<unknown, unknown, unknown, unknown>

/** Adds the stores of the records that wait. */
function withGrace<K, V, VT>(
  { draft, key, value }: StreamPart<K, V>,
  { origin, part }: TableSide<NonNullable<K>, VT>,
  join: AnyJoin,
  options: TableJoinOptions<unknown> & { readonly operator: string },
) {
  const graceMs = parseDuration(options.grace ?? 0, 'grace')
  if (origin.historyMs === undefined || origin.historyMs < graceMs) {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: `a record waits ${formatDuration(graceMs)} for table ${part.from.join(', ')}, which keeps no history as long`,
      remedy: 'Give the table a history of at least the grace: table(topic, { name, history }).',
    })
  }
  const storeName = requiredName(options.name, `the store of ${options.operator} with grace`)
  const agendaName = `${storeName}-due`
  draft.addStore({
    name: storeName,
    kind: 'window',
    keySerde: internalSerde(key),
    valueSerde: joinRowsSerde(value, value),
    version: options.version ?? 1,
    window: { sizeMs: graceBucketMs(graceMs), graceMs },
    why: `${options.operator} keeps records for ${formatDuration(graceMs)} until the table is there`,
  })
  draft.addStore(agendaStore(agendaName, `${options.operator} notes when records are joined`))
  return {
    supplier: () => new StreamTableJoinGrace({ ...join, graceMs, storeName, agendaName }),
    stores: [storeName, agendaName],
    detail: `, grace ${formatDuration(graceMs)}`,
  }
}
