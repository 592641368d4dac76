import type { Headers, Record, Serde } from '@millrace/record'
import type { AsyncCalls } from './async-calls.ts'
import type { Processor } from './processor.ts'
import type { ViewSpec } from './view.ts'

/** What a timestamp extractor may look at. */
export interface ExtractedFrom<K, V> {
  readonly record: Record<K, V>
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Largest timestamp of the partition's records before it that were not dropped; -1: none. */
  readonly partitionTimeMs: number
}

/** Milliseconds since the epoch; a negative result drops the record (reason `negative-timestamp`). */
export type TimestampExtractor<K = unknown, V = unknown> = (from: ExtractedFrom<K, V>) => number

interface NodeBase {
  /** Unique in the topology. */
  readonly name: string
  /** Names of the nodes fed by this one, in order. */
  readonly children: readonly string[]
}

export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  /** An external topic, or the name of a repartition (`Topology.repartitions`). */
  readonly topic: string
  readonly isRepartition: boolean
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  readonly timestamp?: TimestampExtractor | undefined
  /** A record further ahead of the wall clock than this, in milliseconds, is set aside. */
  readonly maxFutureSkewMs?: number | undefined
  /** Lets time go on while the source is silent; see `IdleOptions` of the DSL. */
  readonly idle?: { readonly afterMs: number; readonly delayMs: number } | undefined
  /** Whether records with the header `millrace.heartbeat` carry time and nothing else. */
  readonly hasHeartbeats?: boolean | undefined
  /** The engine makes the topic. */
  readonly isOwned?: boolean | undefined
}

export interface LateTopic {
  readonly topic: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
}

export interface ProcessorNode extends NodeBase {
  readonly kind: 'processor'
  /** The operator's verb, for `describe()`: filter, count, … */
  readonly operator: string
  /** A fresh processor per task. */
  readonly supplier: () => Processor
  /** Names of the stores it uses. */
  readonly stores: readonly string[]
  /** Names of the global tables it reads. */
  readonly globalTables?: readonly string[] | undefined
  readonly late?: LateTopic | undefined
  /** The calls that it waits for. */
  readonly calls?: AsyncCalls | undefined
  /** What readers see of it, where it keeps results under a name. */
  readonly view?: ViewSpec | undefined
  /** What the operator was told, for `describe()` and the plan: windows, named aggregates. */
  readonly detail?: string | undefined
  /** The user's functions as source text; a change is reported, and changes no fingerprint. */
  readonly functionTexts?: readonly string[] | undefined
}

export interface SinkNode extends NodeBase {
  readonly kind: 'sink'
  /** An external topic, or the name of a repartition. */
  readonly topic: string
  readonly isRepartition: boolean
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  /**
   * Left out: murmur2 of the key bytes (for a windowed key: of the bare key; `partitionOf` of
   * `@millrace/record` knows), round robin for null keys.
   */
  readonly partitioner?:
    | ((key: unknown, value: unknown, partitionCount: number) => number)
    | undefined
  readonly headers?: ((record: Record<unknown, unknown>) => Headers) | undefined
  /** The topic is an outbox: its records are intents, and get an id (`effectIdHeader`). */
  readonly effect?: { readonly sink: string; readonly kind: EffectKind } | undefined
  /** The engine makes the topic. */
  readonly isOwned?: boolean | undefined
}

/** What repeating an effect on the outside would do; see `EffectOptions` of the DSL. */
export type EffectKind = 'pure' | 'idempotent' | 'external'

/** On every intent of an outbox: sink, input position and ordinal of the effect. */
export const effectIdHeader = 'millrace.effect-id'

export type Node = SourceNode | ProcessorNode | SinkNode
