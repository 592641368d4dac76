import {
  type Defined,
  filteredReader,
  filterTable,
  type KeyValue,
  mappedReader,
  mapTableValues,
  type OfPair,
  type OfRow,
} from '@millrace/operators'
import type { Processor } from '@millrace/topology'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import { type ForeignKeyOptions, foreignKeyJoin } from '../join/foreign-key.ts'
import { tableTableJoin } from '../join/table-table.ts'
import type { KStream } from '../kstream.ts'
import type {
  KeyOptions,
  OperatorOptions,
  RepartitionOptions,
  SinkOptions,
  StringKey,
  StringKeyOptions,
  ValueOptions,
} from '../options.ts'
import { type GroupedTable, groupedTable } from './grouped-table.ts'
import { type SuppressOptions, suppressedTable } from './suppressed-table.ts'
import { noOrigin, type TableOrigin, type TableSide } from './table-origin.ts'

export type StreamOf = <K, V>(part: StreamPart<K, V>) => KStream<K, V>

/** A table whose rows can be deleted has null among its values. */
export type Row<V> = NonNullable<V>

/** Values made of a table's values: null where a row is deleted. */
export type Mapped<V, R> = null extends V ? R | null : R

type AnyOptions<K, V, KO, R> = ValueOptions<R> | ForeignKeyOptions<K, Row<V>, KO, R>

/**
 * The latest value of each key, and its changes; a null value says that the key has none any more.
 * The changes of an aggregation go out once a key and commit, unless `everyUpdate` is set.
 * Functions get `(value, key)`: a row has no headers, and they are not called for deletions.
 */
export class KTable<K, V> {
  readonly #part: StreamPart<K, V>
  readonly #streamOf: StreamOf
  readonly #origin: TableOrigin<K, V>

  constructor(part: StreamPart<K, V>, streamOf: StreamOf, origin?: TableOrigin<K, V>) {
    this.#part = part
    this.#streamOf = streamOf
    this.#origin = origin ?? noOrigin()
  }

  /** The changes as a stream. */
  toStream(): KStream<K, V> {
    return this.#streamOf(this.#part)
  }

  /** Writes the changes to a topic, which must exist. */
  to(topic: string, options?: SinkOptions<K, V>): void {
    this.toStream().to(topic, options)
  }

  /**
   * Holds updates back and lets the last one of each key go: when its window closes, or a time
   * (event time) after its first. What is held is part of the state.
   */
  suppress(options: SuppressOptions): KTable<K, V> {
    const { part, origin } = suppressedTable(this.#part, this.#origin, options)
    return new KTable(part, this.#streamOf, origin)
  }

  /** Only the rows for which the predicate holds; a row that no longer passes is deleted. */
  filter(predicate: OfRow<K, Row<V>, boolean>, options?: OperatorOptions): KTable<K, V | null> {
    return this.#filtered('filter', predicate, predicate, options)
  }

  /** Only the rows for which the predicate does not hold. */
  filterNot(predicate: OfRow<K, Row<V>, boolean>, options?: OperatorOptions): KTable<K, V | null> {
    const isNot = (value: Row<V>, key: K) => !predicate(value, key)
    return this.#filtered('filterNot', predicate, isNot, options)
  }

  /** The rows with other values. */
  mapValues<R>(
    mapper: OfRow<K, Row<V>, R>,
    options?: ValueOptions<R>,
  ): KTable<K, Mapped<V, Defined<R>>> {
    const { reader } = this.#origin
    const from = this.#node('mapValues', mapper, () => mapTableValues(mapper), options)
    const value = options?.value ?? defaultValueSerde()
    return new KTable<K, Mapped<V, Defined<R>>>(
      { ...this.#part, from: [from], value: value as never },
      this.#streamOf,
      { ...this.#origin, reader: reader && (mappedReader(reader, mapper) as never) },
    )
  }

  /**
   * Groups the rows by a new key, each with a new value, to be aggregated: what a row was is taken
   * away from its group's aggregate, what it is now is added. A row whose group or value is null
   * belongs to no group. The table must keep its rows.
   */
  groupBy<K2 extends StringKey, V2>(
    selector: OfRow<K, Row<V>, KeyValue<K2, V2>>,
    options: RepartitionOptions & StringKeyOptions<K2> & ValueOptions<V2>,
  ): GroupedTable<NonNullable<K2>, NonNullable<V2>>
  groupBy<K2, V2>(
    selector: OfRow<K, Row<V>, KeyValue<K2, V2>>,
    options: RepartitionOptions & KeyOptions<K2> & ValueOptions<V2>,
  ): GroupedTable<NonNullable<K2>, NonNullable<V2>>
  groupBy<K2, V2>(
    selector: OfRow<K, Row<V>, KeyValue<K2, V2>>,
    options: RepartitionOptions & StringKeyOptions<K2> & ValueOptions<V2>,
  ): GroupedTable<NonNullable<K2>, NonNullable<V2>> {
    const streamOf = this.#streamOf
    const tableOf = <K3, V3>({ part, origin }: TableSide<K3, V3>) =>
      new KTable(part, streamOf, origin)
    return groupedTable(this.#part, this.#origin, { streamOf, tableOf }, selector, options)
  }

  /**
   * With the row of another table whose key this table's row names (`on`): many rows may name the
   * same, and a change of it changes all their results. The tables may have any partition counts.
   */
  join<KO, VO, R>(
    other: KTable<KO, VO>,
    joiner: OfPair<K, Row<V>, Row<VO>, R>,
    options: ForeignKeyOptions<K, Row<V>, KO, R>,
  ): KTable<K, Defined<R> | null>
  /**
   * With the row of another table that has the same key: a change on either side gives a change of
   * the result. Both tables must keep their rows, and their topics have equal partition counts.
   */
  join<VO, R>(
    other: KTable<K, VO>,
    joiner: OfPair<K, Row<V>, Row<VO>, R>,
    options?: ValueOptions<R>,
  ): KTable<K, Defined<R> | null>
  join<KO, VO, R>(
    other: KTable<KO, VO>,
    joiner: OfPair<K, Row<V>, Row<VO>, R>,
    options?: AnyOptions<K, V, KO, R>,
  ): KTable<K, Defined<R> | null> {
    return this.#joinedWith('inner', other.side, joiner, options)
  }

  /** The same for every row of this table, with null where the other has none. */
  leftJoin<KO, VO, R>(
    other: KTable<KO, VO>,
    joiner: OfPair<K, Row<V>, Row<VO> | null, R>,
    options: ForeignKeyOptions<K, Row<V>, KO, R>,
  ): KTable<K, Defined<R> | null>
  leftJoin<VO, R>(
    other: KTable<K, VO>,
    joiner: OfPair<K, Row<V>, Row<VO> | null, R>,
    options?: ValueOptions<R>,
  ): KTable<K, Defined<R> | null>
  leftJoin<KO, VO, R>(
    other: KTable<KO, VO>,
    joiner: OfPair<K, Row<V>, Row<VO> | null, R>,
    options?: AnyOptions<K, V, KO, R>,
  ): KTable<K, Defined<R> | null> {
    return this.#joinedWith('left', other.side, joiner, options)
  }

  /** The same for every row of both tables, with null for the side that has none. */
  outerJoin<VO, R>(
    other: KTable<K, VO>,
    joiner: OfPair<K, Row<V> | null, Row<VO> | null, R>,
    options?: ValueOptions<R>,
  ): KTable<K, Defined<R> | null> {
    return this.#joined(tableTableJoin('outer', this.side, other.side, joiner, options))
  }

  /** For the operators of the language that read this table. */
  get side(): TableSide<K, V> {
    return { part: this.#part, origin: this.#origin }
  }

  #joinedWith<KO, VO, R>(
    kind: 'inner' | 'left',
    other: TableSide<KO, VO>,
    joiner: OfPair<never, never, never, R>,
    options: AnyOptions<K, V, KO, R> = {},
  ): KTable<K, Defined<R> | null> {
    if ('on' in options) {
      return this.#joined(foreignKeyJoin(kind, this.side, other, joiner, options))
    }
    const sameKey = other as TableSide<unknown, VO> as TableSide<K, VO>
    return this.#joined(tableTableJoin(kind, this.side, sameKey, joiner, options))
  }

  #joined<R>({ part, origin }: TableSide<K, R>): KTable<K, R> {
    return new KTable<K, R>(part, this.#streamOf, origin)
  }

  #filtered(
    operator: string,
    written: unknown,
    predicate: OfRow<K, Row<V>, boolean>,
    options?: OperatorOptions,
  ): KTable<K, V | null> {
    const { reader, demands } = this.#origin
    demands.oldValues = true
    const from = this.#node(operator, written, () => filterTable(predicate), options)
    return new KTable<K, V | null>(
      { ...this.#part, from: [from], value: this.#part.value },
      this.#streamOf,
      { ...this.#origin, reader: reader && filteredReader(reader, predicate) },
    )
  }

  #node(
    operator: string,
    userFunction: unknown,
    supplier: () => Processor,
    options?: OperatorOptions,
  ): string {
    const { draft, from } = this.#part
    const functions = [userFunction]
    return draft.addProcessor({ operator, name: options?.name, supplier, functions }, from)
  }
}
