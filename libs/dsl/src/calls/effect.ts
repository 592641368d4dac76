import { mapAsync } from '@millrace/operators'
import { headerText, internalSerde } from '@millrace/record'
import { type CallContext, type EffectKind, effectIdHeader } from '@millrace/topology'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import { type CallOptions, callsOf } from './map-async.ts'

/** What a write may know beside its value and key. */
export interface EffectContext<K, V> extends CallContext<K, V> {
  /**
   * Sink, input position and ordinal; behind a repartition a digest of the intent too. The same when the
   * effect is written again after a crash, and never that of another one: an idempotency key.
   */
  readonly id: string
}

export interface EffectOptions<K, V> extends CallOptions {
  /** Names the outbox `<app>-<name>-outbox-repartition` and the node. */
  readonly name: string
  /**
   * `pure`: nobody outside sees it; `idempotent`: writing it again from history is harmless, under
   * another id too; `external` (default): it must not be repeated from history.
   */
  readonly kind?: EffectKind
  /** Resolves when the effect is safe. */
  readonly write: (value: V, key: K, context: EffectContext<K, V>) => unknown
  /** Attempts after the first that failed. Left out, without end: what cannot be written waits. */
  readonly retries?: number
  /** Partitions of the outbox; left out, as many as the largest topic upstream. */
  readonly partitions?: number
}

/**
 * The outbox: an internal topic that intents are written to in the transaction of the records that
 * they come from, and behind it an operator of its own that writes them, in other tasks.
 */
export function addEffect<K, V>(part: StreamPart<K, V>, options: EffectOptions<K, V>): void {
  const sink = requiredName(options?.name, 'sink()')
  const { draft, key, value, from } = part
  const { kind = 'external', write, partitions } = options
  const topic = `${sink}-outbox`
  const serdes = { keySerde: internalSerde(key), valueSerde: internalSerde(value) }
  const edge = { topic, isRepartition: true, ...serdes }
  const why = (): string => `sink '${sink}' finds there what is to be written`
  draft.addRepartition({ name: topic, partitionCount: partitions, why })
  draft.addSink({ ...edge, name: `${topic}-sink`, effect: { sink, kind } }, from)
  const source = draft.addSource({ ...edge, name: `${topic}-source` })
  const retries = options.retries ?? Number.POSITIVE_INFINITY
  const calls = callsOf('sink', { ...options, retries }, async (context) => {
    const { record } = context as CallContext<K, V>
    const id = headerText(record.headers, effectIdHeader) ?? ''
    await write(record.value, record.key, { ...(context as CallContext<K, V>), id })
  })
  const supplier = () => mapAsync<K, V, unknown>()
  const operator = { operator: 'sink', name: sink, supplier, calls, functions: [write] }
  draft.addProcessor({ ...operator, detail: kind }, [source])
}
