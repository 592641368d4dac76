import {
  type Defined,
  ForeignKeyChanges,
  ForeignKeyJoin,
  type ForeignKeyOf,
  ForeignKeySubscriber,
  ForeignKeySubscriptions,
  type OfPair,
  responseSerde,
  serialisedKey,
  storeReader,
  subscriberPageSerde,
  subscriptionSerde,
} from '@millrace/operators'
import { bytes, internalSerde, type Serde } from '@millrace/record'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import type { Draft } from '../draft/draft.ts'
import { requiredName } from '../draft/required-name.ts'
import type { ValueOptions } from '../options.ts'
import { requireRows } from '../table/require-rows.ts'
import { noDemands, type TableSide } from '../table/table-origin.ts'
import { checkSameTopology } from './check-sides.ts'

/** Of a join of tables in which a row names the key of the other table's row. */
export interface ForeignKeyOptions<K, V, KO, R> extends ValueOptions<R> {
  /**
   * Names the store of the results and its changelog, the store `<name>-subscribers` and the
   * topics `<app>-<name>-subscription-repartition` and `<app>-<name>-response-repartition`.
   */
  readonly name: string
  /** The key of the other table's row; null where there is none. */
  readonly on: ForeignKeyOf<K, V, KO>
  /** Raise it where old results are wrong: old state is then not gone on with. */
  readonly version?: number
}

type AnyTable = TableSide<unknown, unknown>

/** Adds the four nodes of a foreign-key join, its stores and its two topics. */
export function foreignKeyJoin<K, V, KO, VO, R>(
  kind: 'inner' | 'left',
  left: TableSide<K, V>,
  right: TableSide<KO, VO>,
  joiner: OfPair<never, never, never, R>,
  options: ForeignKeyOptions<K, NonNullable<V>, KO, R>,
): TableSide<K, Defined<R> | null> {
  const operator = kind === 'inner' ? 'join' : 'leftJoin'
  const name = requiredName(options.name, `the store of a foreign-key ${operator}`)
  const [own, other] = [left as AnyTable, right as AnyTable]
  checkSameTopology(operator, own.part, other.part)
  const ownRows = requireRows(own.origin, operator, own.part.from)
  requireRows(other.origin, operator, other.part.from)
  for (const { origin } of [own, other]) {
    origin.demands.oldValues = true
    origin.demands.everyChange = true
  }
  const value = options.value ?? defaultValueSerde<NonNullable<R>>()
  const join = {
    kind,
    joiner: joiner as never,
    table: ownRows,
    foreignKeyOf: options.on as ForeignKeyOf<unknown, unknown, unknown>,
    foreignKeySerde: other.part.key,
    storeName: name,
  }
  const subscriber = addSubscriber(own, other, name, join)
  const responses = addRows(own, other, name, options.version ?? 1)
  const { draft, key } = own.part
  draft.addStore({
    name,
    kind: 'key-value',
    keySerde: internalSerde(key),
    valueSerde: internalSerde(value),
    version: options.version ?? 1,
    why: `${operator} keeps its results, to know which keys have one`,
  })
  const node = draft.addProcessor(
    {
      operator,
      name,
      detail: `by foreign key, with table ${other.part.from.join(', ')}`,
      supplier: () => new ForeignKeyJoin(join),
      stores: [name, ...ownRows.stores],
      functions: [options.on, joiner],
    },
    [responses, subscriber],
  )
  return {
    part: { ...left.part, from: [node], value: value as never },
    origin: { reader: storeReader(name) as never, knowsOldValues: true, demands: noDemands() },
  }
}

interface SubscriberOptions {
  readonly kind: 'inner' | 'left'
  readonly foreignKeyOf: ForeignKeyOf<unknown, unknown, unknown>
}

/** Where the own rows are: which foreign keys they name. Its first child is the sink. */
function addSubscriber(
  { part }: AnyTable,
  other: AnyTable,
  name: string,
  { kind, foreignKeyOf }: SubscriberOptions,
): string {
  const { draft, key: keySerde } = part
  const foreignKeySerde = other.part.key
  const subscriber = draft.addProcessor(
    {
      operator: 'subscribe',
      name: `${name}-subscribe`,
      supplier: () => new ForeignKeySubscriber({ kind, foreignKeyOf, keySerde, foreignKeySerde }),
      functions: [foreignKeyOf],
    },
    part.from,
  )
  const edge = { keySerde: internalSerde(foreignKeySerde), valueSerde: subscriptionSerde }
  addTopic(draft, `${name}-subscription`, [subscriber], edge, {
    keySerde: edge.keySerde,
    why: `${name} asks for rows where they are`,
  })
  return subscriber
}

/** Where the other table's rows are: who subscribes to them. Gives the source of the responses. */
function addRows({ part: own }: AnyTable, other: AnyTable, name: string, version: number): string {
  const { draft, from, key: keySerde, value } = other.part
  const table = requireRows(other.origin, 'join', from)
  const storeName = `${name}-subscribers`
  draft.addStore({
    name: storeName,
    kind: 'key-value',
    keySerde: bytes,
    valueSerde: subscriberPageSerde,
    version,
    why: `${name} keeps which rows name which foreign key`,
  })
  const rows = { storeName, table, keySerde }
  const stores = [storeName, ...table.stores]
  const nodes = [
    draft.addProcessor(
      {
        operator: 'subscriptions',
        name: storeName,
        supplier: () => new ForeignKeySubscriptions(rows),
        stores,
      },
      [`${name}-subscription-source`],
    ),
    draft.addProcessor(
      {
        operator: 'subscribedRows',
        name: `${name}-rows`,
        supplier: () => new ForeignKeyChanges(rows),
        stores,
      },
      from,
    ),
  ]
  const edge = { keySerde: serialisedKey(own.key), valueSerde: responseSerde(value) }
  return addTopic(draft, `${name}-response`, nodes, edge, {
    keySerde: internalSerde(own.key),
    why: `${name} answers with rows where they are joined`,
  })
}

function addTopic(
  draft: Draft,
  topic: string,
  from: readonly string[],
  written: { readonly keySerde: object; readonly valueSerde: object },
  read: { readonly keySerde: object; readonly why: string },
): string {
  const edge = { ...(written as { keySerde: Serde<unknown>; valueSerde: Serde<unknown> }), topic }
  draft.addRepartition({
    name: topic,
    partitionCount: undefined,
    isRoundTrip: true,
    why: () => read.why,
  })
  draft.addSink({ ...edge, isRepartition: true, name: `${topic}-sink` }, from)
  const keySerde = read.keySerde as Serde<unknown>
  return draft.addSource({ ...edge, keySerde, isRepartition: true, name: `${topic}-source` })
}
