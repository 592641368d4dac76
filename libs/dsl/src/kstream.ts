import {
  type Defined,
  filter,
  filterNot,
  flatMap,
  flatMapValues,
  forEach,
  type KeyValue,
  map,
  mapValues,
  type OfPair,
  type OfRecord,
  peek,
  selectKey,
} from '@millrace/operators'
import type { Record, Serde } from '@millrace/record'
import type { Processor } from '@millrace/topology'
import { GroupedStream } from './aggregation/grouped-stream.ts'
import { type Branches, type OtherwiseOptions, type Predicates, splitStream } from './branches.ts'
import { type DedupeOptions, dedupePart, type RekeyedDedupeOptions } from './dedupe.ts'
import { defaultKeySerde, defaultValueSerde } from './draft/default-serdes.ts'
import { groupingRepartition } from './draft/grouping-repartition.ts'
import { type MergeOptions, mergedPart } from './draft/merged-part.ts'
import { Repartition } from './draft/repartition.ts'
import { requiredName } from './draft/required-name.ts'
import type { StreamPart } from './draft/stream-part.ts'
import {
  type AnyJoiner,
  type AnyJoinOptions,
  type Joinable,
  joinStream,
} from './join/join-stream.ts'
import type { GlobalJoinOptions } from './join/stream-global-table.ts'
import { type StreamJoinOptions, streamStreamJoin } from './join/stream-stream.ts'
import type { TableJoinOptions } from './join/stream-table.ts'
import type {
  KeyOptions,
  OperatorOptions,
  RepartitionOptions,
  RoutedSinkOptions,
  SinkOptions,
  StringKey,
  StringKeyOptions,
  ValueOptions,
} from './options.ts'
import {
  type Processed,
  type ProcessOptions,
  type ProcessValuesOptions,
  processPart,
  type StoreDefinitions,
} from './process.ts'
import { addSinks } from './sink.ts'
import type { GlobalTable } from './table/global-table.ts'
import type { KTable } from './table/ktable.ts'
import { type RekeyedTableOptions, sourceTable, type TableOptions } from './table/source-table.ts'

/** Whether an operator changed the keys since the records were last partitioned by them. */
export type Keys = 'kept' | 'changed'

/**
 * A stream of records, each standing for itself. Every operator gives a new stream; the old one
 * may be used again. Functions get `(value, key, record)`.
 */
export class KStream<K, V, S extends Keys = 'kept'> {
  readonly #part: StreamPart<K, V>

  constructor(part: StreamPart<K, V>) {
    this.#part = part
  }

  /** Only the records for which the predicate holds; a type guard narrows the type of the values. */
  filter<V2 extends V>(
    predicate: (value: V, key: K, record: Record<K, V>) => value is V2,
    options?: OperatorOptions,
  ): KStream<K, V2, S>
  filter(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S>
  filter(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S> {
    return this.#same(this.#node('filter', predicate, () => filter(predicate), options))
  }

  /** Only the records for which the predicate does not hold. */
  filterNot(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S> {
    return this.#same(this.#node('filterNot', predicate, () => filterNot(predicate), options))
  }

  /** A new key and a new value. Changes the keys. */
  map<K2 extends StringKey, V2>(
    mapper: OfRecord<K, V, KeyValue<K2, V2>>,
    options?: StringKeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'>
  map<K2, V2>(
    mapper: OfRecord<K, V, KeyValue<K2, V2>>,
    options: KeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'>
  map<K2, V2>(
    mapper: OfRecord<K, V, KeyValue<K2, V2>>,
    options?: StringKeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'> {
    const from = this.#node('map', mapper, () => map(mapper), options)
    const value = options?.value ?? defaultValueSerde()
    return this.#rekeyed(from, { key: options?.key as never, value: value as never })
  }

  /** A new value; null where the function leaves it undefined. */
  mapValues<V2>(
    mapper: OfRecord<K, V, V2>,
    options?: ValueOptions<V2>,
  ): KStream<K, Defined<V2>, S> {
    const from = this.#node('mapValues', mapper, () => mapValues(mapper), options)
    return this.#revalued(from, options?.value ?? defaultValueSerde())
  }

  /** Any number of keys and values for each record. Changes the keys. */
  flatMap<K2 extends StringKey, V2>(
    mapper: OfRecord<K, V, Iterable<KeyValue<K2, V2>>>,
    options?: StringKeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'>
  flatMap<K2, V2>(
    mapper: OfRecord<K, V, Iterable<KeyValue<K2, V2>>>,
    options: KeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'>
  flatMap<K2, V2>(
    mapper: OfRecord<K, V, Iterable<KeyValue<K2, V2>>>,
    options?: StringKeyOptions<K2> & ValueOptions<V2>,
  ): KStream<Defined<K2>, Defined<V2>, 'changed'> {
    const from = this.#node('flatMap', mapper, () => flatMap(mapper), options)
    const value = options?.value ?? defaultValueSerde()
    return this.#rekeyed(from, { key: options?.key as never, value: value as never })
  }

  /** Any number of values for each record. */
  flatMapValues<V2>(
    mapper: OfRecord<K, V, Iterable<V2>>,
    options?: ValueOptions<V2>,
  ): KStream<K, Defined<V2>, S> {
    const from = this.#node('flatMapValues', mapper, () => flatMapValues(mapper), options)
    return this.#revalued(from, options?.value ?? defaultValueSerde())
  }

  /** A new key; null where the function leaves it undefined. Changes the keys. */
  selectKey<K2 extends StringKey>(
    selector: OfRecord<K, V, K2>,
    options?: StringKeyOptions<K2> & OperatorOptions,
  ): KStream<Defined<K2>, V, 'changed'>
  selectKey<K2>(
    selector: OfRecord<K, V, K2>,
    options: KeyOptions<K2> & OperatorOptions,
  ): KStream<Defined<K2>, V, 'changed'>
  selectKey<K2>(
    selector: OfRecord<K, V, K2>,
    options?: StringKeyOptions<K2> & OperatorOptions,
  ): KStream<Defined<K2>, V, 'changed'> {
    const from = this.#node('selectKey', selector, () => selectKey(selector), options)
    return this.#rekeyed(from, { key: options?.key as never, value: this.#part.value as never })
  }

  /** Shows each record to a function on its way. Its effects happen again when work is repeated. */
  peek(look: OfRecord<K, V, void>, options?: OperatorOptions): KStream<K, V, S> {
    return this.#same(this.#node('peek', look, () => peek(look), options))
  }

  /** Shows each record to a function, at the end of its way. As with `peek`, more than once. */
  forEach(take: OfRecord<K, V, void>, options?: OperatorOptions): void {
    this.#node('forEach', take, () => forEach(take), options)
  }

  /**
   * Divides the stream: each record goes to the first branch whose predicate holds, and to no
   * other; what none takes goes to the branch named `otherwise`, or nowhere.
   *
   * ```ts
   * const { large, small, rest } = orders.split(
   *   { large: (order) => order.sum >= 100, small: (order) => order.sum > 0 },
   *   { otherwise: 'rest' },
   * )
   * ```
   */
  split<P extends Predicates<K, V>, O extends string = never>(
    predicates: P,
    options?: OtherwiseOptions<O>,
  ): Branches<K, V, S, P, O> {
    const branches = splitStream(this.#part, predicates, options)
    const streams = Object.entries(branches).map(([name, from]) => [name, this.#same(from)])
    return Object.fromEntries(streams) as Branches<K, V, S, P, O>
  }

  /** The records of both streams, in no order between them. */
  merge<K2, V2, S2 extends Keys>(
    other: KStream<K2, V2, S2>,
    options?: MergeOptions<K | K2, V | V2>,
  ): KStream<K | K2, V | V2, S | S2> {
    return new KStream(mergedPart(this.#part, other.#part, options))
  }

  /**
   * Groups by the key as it is. Where an operator changed the keys, records of one key lie in
   * several partitions: they then pass through a repartition topic, which needs a name.
   */
  groupByKey(
    ...[options]: [S] extends ['kept'] ? [] : [options: RepartitionOptions]
  ): GroupedStream<NonNullable<K>, NonNullable<V>> {
    const part = this.#part as unknown as StreamPart<NonNullable<K>, NonNullable<V>>
    return new GroupedStream({
      part,
      repartition: groupingRepartition(part, options, 'groupByKey'),
      streamOf: (tablePart) => new KStream(tablePart),
    })
  }

  /** Groups by a new key; records with a null key are left out, counted as `null-key`. */
  groupBy<K2 extends StringKey>(
    selector: OfRecord<K, V, K2>,
    options: RepartitionOptions & StringKeyOptions<K2> & OperatorOptions,
  ): GroupedStream<NonNullable<K2>, NonNullable<V>>
  groupBy<K2>(
    selector: OfRecord<K, V, K2>,
    options: RepartitionOptions & KeyOptions<K2> & OperatorOptions,
  ): GroupedStream<NonNullable<K2>, NonNullable<V>>
  groupBy<K2>(
    selector: OfRecord<K, V, K2>,
    options: RepartitionOptions & StringKeyOptions<K2> & OperatorOptions,
  ): GroupedStream<NonNullable<K2>, NonNullable<V>> {
    const from = this.#node('groupBy', selector, () => selectKey(selector), options)
    const serdes = { key: options?.key as never, value: this.#part.value as never }
    return this.#rekeyed<NonNullable<K2>, NonNullable<V>>(from, serdes).groupByKey(options)
  }

  /**
   * The stream as a table: the last record of each key to arrive is its row, a null value deletes
   * it. Where an operator changed the keys, it needs a repartition topic, as `groupByKey`.
   */
  toTable(
    ...[options]: [S] extends ['kept'] ? [options?: TableOptions] : [options: RekeyedTableOptions]
  ): KTable<NonNullable<K>, NonNullable<V> | null> {
    const of: Partial<RekeyedTableOptions> = options ?? {}
    const by = groupingRepartition(this.#part, of as RepartitionOptions, 'toTable')
    const part = by?.forAggregation(of.name ?? 'toTable') ?? this.#part
    return sourceTable(part, of, (tablePart) => new KStream(tablePart))
  }

  /**
   * An operator in your own functions: any records out of each, with stores of its own, headers,
   * timestamps and calls by time. Changes the keys.
   */
  process<K2 = string, V2 = unknown, St extends StoreDefinitions = {}, O extends string = never>(
    options: ProcessOptions<K, V, K2, V2, St, O>,
  ): Processed<K2 | null, V2 | null, 'changed', O> {
    return this.#processed('process', options as never) as never
  }

  /** The same for operators that leave the keys as they are. */
  processValues<V2 = unknown, St extends StoreDefinitions = {}, O extends string = never>(
    options: ProcessValuesOptions<K, V, V2, St, O>,
  ): Processed<K, V2 | null, S, O> {
    return this.#processed('processValues', options as never) as never
  }

  /**
   * With the records of another stream that have the same key and lie, seen from this stream's
   * record, between `before` and `after` it. A record is late, and left out, from the end of its
   * window and `grace` on. A result has the later of the two timestamps.
   */
  join<VO, R>(
    other: KStream<K, VO>,
    joiner: OfPair<NonNullable<K>, NonNullable<V>, NonNullable<VO>, R>,
    options: StreamJoinOptions<R>,
  ): KStream<K, Defined<R>>
  /**
   * With the row that a table has for the record's key when it is processed (in a table with
   * versions: at the record's time). Records without a row are left out; changes of the table
   * alone give no result.
   */
  join<VT, R>(
    table: KTable<NonNullable<K>, VT>,
    joiner: OfPair<NonNullable<K>, NonNullable<V>, NonNullable<VT>, R>,
    options?: TableJoinOptions<R>,
  ): KStream<K, Defined<R>>
  /** With the row of a global table whose key `on` takes from the record; keys stay as they are. */
  join<KG, VG, R>(
    table: GlobalTable<KG, VG>,
    joiner: OfPair<K, NonNullable<V>, VG, R>,
    options: GlobalJoinOptions<K, V, KG, R>,
  ): KStream<K, Defined<R>, S>
  join<R>(other: Joinable<K>, joiner: AnyJoiner<R>, options?: AnyJoinOptions<R>) {
    return new KStream(joinStream('inner', this.#part, other, joiner, options)) as never
  }

  /**
   * The same for every record of this stream: one that has no match when its window and grace are
   * over gives a result with null, with its own timestamp and headers, and no other.
   */
  leftJoin<VO, R>(
    other: KStream<K, VO>,
    joiner: OfPair<K, NonNullable<V>, NonNullable<VO> | null, R>,
    options: StreamJoinOptions<R>,
  ): KStream<K, Defined<R>>
  /** The same for every record, with null where the table has no row. */
  leftJoin<VT, R>(
    table: KTable<NonNullable<K>, VT>,
    joiner: OfPair<K, NonNullable<V>, NonNullable<VT> | null, R>,
    options?: TableJoinOptions<R>,
  ): KStream<K, Defined<R>>
  leftJoin<KG, VG, R>(
    table: GlobalTable<KG, VG>,
    joiner: OfPair<K, NonNullable<V>, VG | null, R>,
    options: GlobalJoinOptions<K, V, KG, R>,
  ): KStream<K, Defined<R>, S>
  leftJoin<R>(other: Joinable<K>, joiner: AnyJoiner<R>, options?: AnyJoinOptions<R>) {
    return new KStream(joinStream('left', this.#part, other, joiner, options)) as never
  }

  /** The same for every record of both streams. */
  outerJoin<VO, R>(
    other: KStream<K, VO>,
    joiner: OfPair<K, NonNullable<V> | null, NonNullable<VO> | null, R>,
    options: StreamJoinOptions<R>,
  ): KStream<K, Defined<R>> {
    return new KStream(streamStreamJoin('outer', this.#part, other.#part, joiner, options))
  }

  /** Passes the records through a topic `<app>-<name>-repartition`, partitioned by their keys. */
  repartition(options: { readonly name: string; readonly partitions?: number }): KStream<K, V> {
    const name = requiredName(options?.name, 'a repartition')
    const repartition = new Repartition(this.#part, { name, partitions: options.partitions })
    return new KStream(repartition.through())
  }

  /**
   * Lets the first record of each key (and id) pass, and leaves out, counted as `duplicate`, those
   * within some event time of it. Late records are left out, or go to a topic of their own. Where an
   * operator changed the keys, it needs a repartition topic, as `groupByKey`.
   */
  dedupe(
    options: [S] extends ['kept'] ? DedupeOptions<K, V> : RekeyedDedupeOptions<K, V>,
  ): KStream<NonNullable<K>, V> {
    return new KStream(dedupePart(this.#part, options))
  }

  /** Writes the records to a topic, which must exist. */
  to(topic: string, options?: SinkOptions<K, V>): void
  /** Writes each record to the one of `topics` that a function names; all of them must exist. */
  to(topicOf: OfRecord<K, V, string>, options: RoutedSinkOptions<K, V>): void
  to(topic: string | OfRecord<K, V, string>, options: SinkOptions<K, V> = {}): void {
    addSinks(this.#part, topic, options)
  }

  #node<K2, V2>(
    operator: string,
    userFunction: unknown,
    supplier: () => Processor<K, V, K2, V2>,
    options?: OperatorOptions,
  ): string {
    const { draft, from } = this.#part
    const functions = [userFunction]
    return draft.addProcessor({ operator, name: options?.name, supplier, functions }, from)
  }

  #processed(operator: 'process' | 'processValues', options: never): object {
    const { single, outputs } = processPart(this.#part, operator, options)
    if (outputs.length === 0) return new KStream(single)
    return Object.fromEntries(
      outputs.map(([output, from]) => [output, new KStream({ ...single, from: [from] })]),
    )
  }

  /** For the operators of the language that read this stream beside another. */
  get part(): StreamPart<K, V> {
    return this.#part
  }

  #same(from: string): KStream<K, V, S> {
    return new KStream({ ...this.#part, from: [from] })
  }

  #revalued<V2>(from: string, value: Serde<NonNullable<V2>>): KStream<K, Defined<V2>, S> {
    return new KStream<K, Defined<V2>, S>({ ...this.#part, from: [from], value: value as never })
  }

  /** Keys of which nothing is said are strings; the signatures see to it. */
  #rekeyed<K2, V2>(
    from: string,
    serdes: { readonly key: Serde<never> | undefined; readonly value: Serde<never> },
  ): KStream<K2, V2, 'changed'> {
    return new KStream<K2, V2, 'changed'>({
      draft: this.#part.draft,
      from: [from],
      key: serdes.key ?? defaultKeySerde<never>(from),
      value: serdes.value,
      rekeyedBy: from,
    })
  }
}
