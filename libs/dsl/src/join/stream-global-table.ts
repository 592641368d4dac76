import { MillraceError } from '@millrace/errors'
import {
  type Defined,
  type OfPair,
  type OfRecord,
  StreamGlobalTableJoin,
} from '@millrace/operators'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import type { ValueOptions } from '../options.ts'
import type { GlobalTable } from '../table/global-table.ts'
import { checkSameTopology } from './check-sides.ts'

/** Of a join of a stream with a global table. */
export interface GlobalJoinOptions<K, V, KG, R> extends ValueOptions<R> {
  /** The key of the table's row that belongs to the record; null: none. */
  readonly on: OfRecord<K, NonNullable<V>, KG | null | undefined>
}

/** Adds the node that joins a stream's records with a global table's rows. */
export function streamGlobalTableJoin<K, V, KG, VG, R>(
  kind: 'inner' | 'left',
  stream: StreamPart<K, V>,
  table: GlobalTable<KG, VG>,
  joiner: OfPair<never, never, never, R>,
  options: GlobalJoinOptions<K, V, KG, R>,
): StreamPart<K, Defined<R>> {
  const operator = kind === 'inner' ? 'join' : 'leftJoin'
  checkSameTopology(operator, stream, table)
  const on = options?.on as OfRecord<unknown, unknown, unknown> | undefined
  if (typeof on !== 'function') {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: `${operator} with global table ${table.name} does not say which of its rows`,
      remedy: 'Pass the key of the row: { on: (value, key) => … }.',
    })
  }
  const join = { kind, tableName: table.name, on, joiner: joiner as never }
  const node = stream.draft.addProcessor(
    {
      operator,
      name: options.name,
      detail: `with global table ${table.name}`,
      supplier: () => new StreamGlobalTableJoin(join),
      globalTables: [table.name],
      functions: [on, joiner],
    },
    stream.from,
  )
  const value = options.value ?? defaultValueSerde()
  return { ...stream, from: [node], value: value as never }
}
