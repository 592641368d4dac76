import { type Defined, type OfPair, type OfRecord, selectKey } from '@millrace/operators'
import { GroupedStream } from './aggregation/grouped-stream.ts'
import { addEffect, type EffectOptions } from './calls/effect.ts'
import { type DedupeOptions, dedupePart, type RekeyedDedupeOptions } from './dedupe.ts'
import { groupingRepartition } from './draft/grouping-repartition.ts'
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
} from './options.ts'
import {
  type Processed,
  type ProcessOptions,
  type ProcessValuesOptions,
  processed,
  type StoreDefinitions,
} from './process.ts'
import { addSinks } from './sink.ts'
import { type Keys, StatelessStream } from './stateless-stream.ts'
import type { GlobalTable } from './table/global-table.ts'
import type { KTable } from './table/ktable.ts'
import { type RekeyedTableOptions, sourceTable, type TableOptions } from './table/source-table.ts'

/**
 * A stream of records, each standing for itself. Every operator gives a new stream; the old one
 * may be used again. Functions get `(value, key, record)`.
 */
export class KStream<K, V, S extends Keys = 'kept'> extends StatelessStream<K, V, S> {
  /**
   * Groups by the key as it is. Where an operator changed the keys, records of one key lie in
   * several partitions: they then pass through a repartition topic, which needs a name.
   */
  groupByKey(
    ...[options]: [S] extends ['kept'] ? [] : [options: RepartitionOptions]
  ): GroupedStream<NonNullable<K>, NonNullable<V>> {
    const part = this.part as unknown as StreamPart<NonNullable<K>, NonNullable<V>>
    return new GroupedStream({
      part,
      repartition: groupingRepartition(part, options, 'groupByKey'),
      streamOf,
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
    const from = this.node('groupBy', selector, () => selectKey(selector), options)
    const serdes = [options?.key, this.part.value] as const
    return this.rekeyed<NonNullable<K2>, NonNullable<V>>(from, ...serdes).groupByKey(options)
  }

  /**
   * The stream as a table: the last record of each key to arrive is its row, a null value deletes
   * it. Where an operator changed the keys, it needs a repartition topic, as `groupByKey`.
   */
  toTable(
    ...[options]: [S] extends ['kept'] ? [options?: TableOptions] : [options: RekeyedTableOptions]
  ): KTable<NonNullable<K>, NonNullable<V> | null> {
    const of: Partial<RekeyedTableOptions> = options ?? {}
    const by = groupingRepartition(this.part, of as RepartitionOptions, 'toTable')
    const part = by?.forAggregation(of.name ?? 'toTable') ?? this.part
    return sourceTable(part, of, streamOf)
  }

  /**
   * An operator in your own functions: any records out of each, with stores of its own, headers,
   * timestamps and calls by time. Changes the keys.
   */
  process<K2 = string, V2 = unknown, St extends StoreDefinitions = {}, O extends string = never>(
    options: ProcessOptions<K, V, K2, V2, St, O>,
  ): Processed<K2 | null, V2 | null, 'changed', O> {
    return processed(this.part, 'process', options as never, streamOf) as never
  }

  /** The same for operators that leave the keys as they are. */
  processValues<V2 = unknown, St extends StoreDefinitions = {}, O extends string = never>(
    options: ProcessValuesOptions<K, V, V2, St, O>,
  ): Processed<K, V2 | null, S, O> {
    return processed(this.part, 'processValues', options as never, streamOf) as never
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
    return new KStream(joinStream('inner', this.part, other, joiner, options)) as never
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
    return new KStream(joinStream('left', this.part, other, joiner, options)) as never
  }

  /** The same for every record of both streams. */
  outerJoin<VO, R>(
    other: KStream<K, VO>,
    joiner: OfPair<K, NonNullable<V> | null, NonNullable<VO> | null, R>,
    options: StreamJoinOptions<R>,
  ): KStream<K, Defined<R>> {
    return new KStream(streamStreamJoin('outer', this.part, other.part, joiner, options))
  }

  /** Passes the records through a topic `<app>-<name>-repartition`, partitioned by their keys. */
  repartition(options: { readonly name: string; readonly partitions?: number }): KStream<K, V> {
    const name = requiredName(options?.name, 'a repartition')
    const repartition = new Repartition(this.part, { name, partitions: options.partitions })
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
    return new KStream(dedupePart(this.part, options))
  }

  /**
   * Writes each record to somewhere outside of Kafka. It is put into an outbox first, in the
   * transaction of the records that it comes from, and written from there once that is committed:
   * once at least, with an id by which a repetition is recognised, those of a key one after the other.
   */
  sink(options: EffectOptions<K, V>): void {
    addEffect(this.part, options)
  }

  /** Writes the records to a topic, which must exist. */
  to(topic: string, options?: SinkOptions<K, V>): void
  /** Writes each record to the one of `topics` that a function names; all of them must exist. */
  to(topicOf: OfRecord<K, V, string>, options: RoutedSinkOptions<K, V>): void
  to(topic: string | OfRecord<K, V, string>, options: SinkOptions<K, V> = {}): void {
    addSinks(this.part, topic, options)
  }

  protected next<K2, V2, S2 extends Keys>(part: StreamPart<K2, V2>): KStream<K2, V2, S2> {
    return new KStream<K2, V2, S2>(part)
  }
}

function streamOf<K, V>(part: StreamPart<K, V>): KStream<K, V> {
  return new KStream(part)
}
