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
  type OfRecord,
  peek,
  selectKey,
} from '@millrace/operators'
import type { Record, Serde } from '@millrace/record'
import type { Processor } from '@millrace/topology'
import { type Branches, type OtherwiseOptions, type Predicates, splitStream } from './branches.ts'
import { type AsyncMapper, addMapAsync, type MapAsyncOptions } from './calls/map-async.ts'
import { defaultKeySerde, defaultValueSerde } from './draft/default-serdes.ts'
import { type MergeOptions, mergedPart } from './draft/merged-part.ts'
import type { StreamPart } from './draft/stream-part.ts'
import type { KStream } from './kstream.ts'
import type {
  KeyOptions,
  OperatorOptions,
  StringKey,
  StringKeyOptions,
  ValueOptions,
} from './options.ts'

/** Whether an operator changed the keys since the records were last partitioned by them. */
export type Keys = 'kept' | 'changed'

/** The operators of a stream that look at one record at a time. */
export abstract class StatelessStream<K, V, S extends Keys> {
  /** For the operators of the language that read this stream beside another. */
  readonly part: StreamPart<K, V>

  constructor(part: StreamPart<K, V>) {
    this.part = part
  }

  protected abstract next<K2, V2, S2 extends Keys>(part: StreamPart<K2, V2>): KStream<K2, V2, S2>

  /** Only the records for which the predicate holds; a type guard narrows the type of the values. */
  filter<V2 extends V>(
    predicate: (value: V, key: K, record: Record<K, V>) => value is V2,
    options?: OperatorOptions,
  ): KStream<K, V2, S>
  filter(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S>
  filter(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S> {
    return this.same(this.node('filter', predicate, () => filter(predicate), options))
  }

  /** Only the records for which the predicate does not hold. */
  filterNot(predicate: OfRecord<K, V, boolean>, options?: OperatorOptions): KStream<K, V, S> {
    return this.same(this.node('filterNot', predicate, () => filterNot(predicate), options))
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
    const from = this.node('map', mapper, () => map(mapper), options)
    const value = options?.value ?? defaultValueSerde()
    return this.rekeyed(from, options?.key, value)
  }

  /** A new value; null where the function leaves it undefined. */
  mapValues<V2>(
    mapper: OfRecord<K, V, V2>,
    options?: ValueOptions<V2>,
  ): KStream<K, Defined<V2>, S> {
    const from = this.node('mapValues', mapper, () => mapValues(mapper), options)
    return this.revalued(from, options?.value ?? defaultValueSerde())
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
    const from = this.node('flatMap', mapper, () => flatMap(mapper), options)
    const value = options?.value ?? defaultValueSerde()
    return this.rekeyed(from, options?.key, value)
  }

  /** Any number of values for each record. */
  flatMapValues<V2>(
    mapper: OfRecord<K, V, Iterable<V2>>,
    options?: ValueOptions<V2>,
  ): KStream<K, Defined<V2>, S> {
    const from = this.node('flatMapValues', mapper, () => flatMapValues(mapper), options)
    return this.revalued(from, options?.value ?? defaultValueSerde())
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
    const from = this.node('selectKey', selector, () => selectKey(selector), options)
    return this.rekeyed(from, options?.key, this.part.value)
  }

  /**
   * A new value from a function that waits for somebody else, called ahead of the records' turn; they
   * go on in their order, each when it is answered, and a commit passes none before. Calls of one key
   * are made one after the other. A call that fails, or takes too long, fails its record. What stands
   * between the source and `mapAsync` is called twice, so it must be without effects. After a crash
   * calls are made again.
   */
  mapAsync<V2>(
    mapper: AsyncMapper<K, V, V2>,
    options?: MapAsyncOptions<V2>,
  ): KStream<K, Defined<V2>, S> {
    return this.revalued(
      addMapAsync(this.part, mapper, options),
      options?.value ?? defaultValueSerde(),
    )
  }

  /** Shows each record to a function on its way. Its effects happen again when work is repeated. */
  peek(look: OfRecord<K, V, void>, options?: OperatorOptions): KStream<K, V, S> {
    return this.same(this.node('peek', look, () => peek(look), options))
  }

  /** Shows each record to a function, at the end of its way. As with `peek`, more than once. */
  forEach(take: OfRecord<K, V, void>, options?: OperatorOptions): void {
    this.node('forEach', take, () => forEach(take), options)
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
    const branches = splitStream(this.part, predicates, options)
    const streams = Object.entries(branches).map(([name, from]) => [name, this.same(from)])
    return Object.fromEntries(streams) as Branches<K, V, S, P, O>
  }

  /** The records of both streams, in no order between them. */
  merge<K2, V2, S2 extends Keys>(
    other: KStream<K2, V2, S2>,
    options?: MergeOptions<K | K2, V | V2>,
  ): KStream<K | K2, V | V2, S | S2> {
    return this.next(mergedPart(this.part, other.part, options))
  }

  protected node<K2, V2>(
    operator: string,
    userFunction: unknown,
    supplier: () => Processor<K, V, K2, V2>,
    options?: OperatorOptions,
  ): string {
    const { draft, from } = this.part
    const functions = [userFunction]
    return draft.addProcessor({ operator, name: options?.name, supplier, functions }, from)
  }

  protected same(from: string): KStream<K, V, S> {
    return this.next({ ...this.part, from: [from] })
  }

  protected revalued<V2>(from: string, value: Serde<NonNullable<V2>>): KStream<K, Defined<V2>, S> {
    return this.next<K, Defined<V2>, S>({ ...this.part, from: [from], value: value as never })
  }

  /** Keys of which nothing is said are strings; the signatures see to it. */
  protected rekeyed<K2, V2>(
    from: string,
    key: unknown,
    value: unknown,
  ): KStream<K2, V2, 'changed'> {
    return this.next<K2, V2, 'changed'>({
      draft: this.part.draft,
      from: [from],
      key: (key as Serde<NonNullable<K2>>) ?? defaultKeySerde<never>(from),
      value: value as Serde<NonNullable<V2>>,
      rekeyedBy: from,
    })
  }
}
