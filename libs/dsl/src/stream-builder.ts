import { dropNullValues } from '@millrace/operators'
import { type Serde, string } from '@millrace/record'
import { type Duration, parseDuration } from '@millrace/time'
import type { SourceNode, TimestampExtractor } from '@millrace/topology'
import { defaultValueSerde } from './draft/default-serdes.ts'
import type { Draft } from './draft/draft.ts'
import { requiredName } from './draft/required-name.ts'
import type { StreamPart } from './draft/stream-part.ts'
import { KStream } from './kstream.ts'
import type { OperatorOptions } from './options.ts'
import { GlobalTable } from './table/global-table.ts'
import type { KTable } from './table/ktable.ts'
import { sourceTable, type TableOptions } from './table/source-table.ts'

export interface StreamOptions<K, V, Nulls extends 'keep' | 'drop'> extends OperatorOptions {
  /** String where left out. */
  readonly key?: Serde<K>
  /** JSON of unknown shape where left out. */
  readonly value?: Serde<V>
  /**
   * A record's value may be null: Kafka's tombstone. `keep` (where left out) passes it on, and the
   * type of the values says so; `drop` leaves such records out, counted as `null-value`.
   */
  readonly nullValues?: Nulls
  /** Event time of a record; its own timestamp where left out. Negative: the record is dropped. */
  readonly timestamp?: TimestampExtractor<K | null, V | null>
  /**
   * A record whose event time is further ahead of the wall clock than this when its turn comes is
   * set aside before it moves stream time: to the dead-letter topic, or left out and counted where
   * there is none. No bound where left out.
   */
  readonly maxFutureSkew?: Duration
  /** Lets time go on while the topic is silent. Off where left out. */
  readonly idle?: IdleOptions
  /**
   * Whether a record with null key, null value and the header `millrace.heartbeat` is a heartbeat: it
   * moves stream time to its timestamp and no operator sees it. Write one to each partition.
   */
  readonly heartbeats?: boolean
}

/**
 * A partition that is read to its end and silent for `after` lets stream time go on by the silence,
 * never above the wall clock less `delay`, if it was live: with its last record it was no more than
 * `after` off the clock. What then comes with an earlier time can be late. All topics that a task
 * reads must ask for it.
 */
export interface IdleOptions {
  readonly after: Duration
  readonly delay: Duration
}

export interface SourceTableOptions<K, V> extends TableOptions {
  /** String where left out. */
  readonly key?: Serde<K>
  /** JSON of unknown shape where left out. */
  readonly value?: Serde<V>
  /** As of `stream`. */
  readonly timestamp?: TimestampExtractor<K | null, V | null>
  /** As of `stream`. */
  readonly maxFutureSkew?: Duration
  /** As of `stream`. */
  readonly idle?: IdleOptions
  /** As of `stream`. */
  readonly heartbeats?: boolean
}

export interface GlobalTableOptions<K, V> {
  /** Names the table, in descriptions and beside its rows. */
  readonly name: string
  /** String where left out. */
  readonly key?: Serde<K>
  /** JSON of unknown shape where left out. */
  readonly value?: Serde<V>
}

/** What a topology begins with. */
export class StreamBuilder {
  readonly #draft: Draft

  constructor(draft: Draft) {
    this.#draft = draft
  }

  /** The records of a topic. A topic is read once; use the stream as often as you like. */
  stream<K = string, V = unknown, Nulls extends 'keep' | 'drop' = 'keep'>(
    topic: string,
    options: StreamOptions<K, V, Nulls> = {},
  ): KStream<K | null, Nulls extends 'drop' ? V : V | null> {
    const part = this.#source<K, V>(topic, options)
    const from =
      options.nullValues === 'drop'
        ? this.#draft.addProcessor(
            { operator: 'dropNullValues', supplier: () => dropNullValues() },
            part.from,
          )
        : part.from
    return new KStream<K | null, Nulls extends 'drop' ? V : V | null>({
      ...part,
      from: [from].flat(),
    } as never)
  }

  /**
   * A topic as a table: the last record of each key, in the order of arrival, is its row; a null
   * value deletes it.
   */
  table<K = string, V = unknown>(
    topic: string,
    options: SourceTableOptions<K, V> = {},
  ): KTable<K, V | null> {
    const part = this.#source<K, V>(topic, { ...options, name: undefined })
    const table = sourceTable(part, options, (streamPart) => new KStream(streamPart))
    return table
  }

  /** A topic as a table that every process has in full; see `GlobalTable`. */
  globalTable<K = string, V = unknown>(
    topic: string,
    options: GlobalTableOptions<K, V>,
  ): GlobalTable<K, V> {
    const name = requiredName(options?.name, `the global table of topic ${topic}`)
    const key = options.key ?? (string as unknown as Serde<K>)
    const value = options.value ?? defaultValueSerde<V>()
    this.#draft.addGlobalTable({
      name,
      topic,
      keySerde: key,
      valueSerde: value,
    })
    return new GlobalTable<K, V>(name, this.#draft)
  }

  #source<K, V>(topic: string, options: SourceOptions<K, V>): StreamPart<K, V> {
    const key = options.key ?? (string as unknown as Serde<K>)
    const value = options.value ?? defaultValueSerde<V>()
    const source = this.#draft.addSource({
      name: options.name,
      topic,
      isRepartition: false,
      keySerde: key,
      valueSerde: value,
      timestamp: options.timestamp as TimestampExtractor | undefined,
      maxFutureSkewMs: durationOf(options.maxFutureSkew, `maxFutureSkew of topic ${topic}`),
      idle: idleOf(options.idle, topic),
      hasHeartbeats: options.heartbeats,
    })
    return {
      draft: this.#draft,
      from: [source],
      key: key as never,
      value: value as never,
      rekeyedBy: undefined,
    }
  }
}

interface SourceOptions<K, V> {
  readonly name?: string | undefined
  readonly key?: Serde<K> | undefined
  readonly value?: Serde<V> | undefined
  readonly timestamp?: TimestampExtractor<K | null, V | null> | undefined
  readonly maxFutureSkew?: Duration | undefined
  readonly idle?: IdleOptions | undefined
  readonly heartbeats?: boolean | undefined
}

function idleOf(idle: IdleOptions | undefined, topic: string): SourceNode['idle'] {
  if (idle === undefined) return undefined
  const afterMs = parseDuration(idle.after, `idle.after of topic ${topic}`)
  return { afterMs, delayMs: parseDuration(idle.delay, `idle.delay of topic ${topic}`) }
}

function durationOf(duration: Duration | undefined, what: string): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration, what)
}
