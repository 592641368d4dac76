import {
  type KeyValueStore,
  type ProcessContext,
  pass,
  type RecordProcessor,
  UserProcessor,
} from '@millrace/operators'
import { internalSerde, type Serde, string } from '@millrace/record'
import { defaultKeySerde, defaultValueSerde } from './draft/default-serdes.ts'
import type { StreamPart } from './draft/stream-part.ts'
import type { KStream } from './kstream.ts'
import type { OperatorOptions } from './options.ts'
import type { Keys } from './stateless-stream.ts'

/** A store of the user's own; its name is that under which it stands, unique in the topology. */
export interface StoreDefinition {
  /** String where left out. */
  readonly key?: Serde<unknown>
  /** JSON where left out. */
  readonly value?: Serde<unknown>
  /** Raise it where old rows are wrong: old state is then not gone on with. */
  readonly version?: number
}

export interface StoreDefinitions {
  readonly [name: string]: StoreDefinition
}

/** The stores by their names, as their serdes type them. */
export type StoresOf<S> = {
  readonly [N in keyof S]: KeyValueStore<
    S[N] extends { readonly key: Serde<infer K> } ? K : string,
    S[N] extends { readonly value: Serde<infer V> } ? V : unknown
  >
}

export interface ProcessOptions<K, V, K2, V2, S extends StoreDefinitions, O extends string>
  extends OperatorOptions {
  /** The serde of the new keys; string where left out. */
  readonly key?: Serde<K2>
  /** The serde of the new values; JSON where left out. */
  readonly value?: Serde<V2>
  readonly stores?: S
  /** Names for several streams behind it; `forward` takes one, or sends to all. */
  readonly outputs?: readonly O[]
  /** Called once for each task; what it gives is called for each record. */
  readonly start: (
    context: ProcessContext<K2 | null, V2 | null, StoresOf<S>, O>,
  ) => RecordProcessor<K, V>
}

/** As `ProcessOptions`; what is forwarded keeps the key of the record under way. */
export interface ProcessValuesOptions<K, V, V2, S extends StoreDefinitions, O extends string>
  extends Omit<ProcessOptions<K, V, K, V2, S, O>, 'key' | 'start'> {
  readonly start: (
    context: ProcessValuesContext<V2 | null, StoresOf<S>, O>,
  ) => RecordProcessor<K, V>
}

/** Results have no key of their own. */
export interface ProcessValuesContext<V, S, O extends string>
  extends Omit<ProcessContext<never, V, S, O>, 'forward'> {
  forward(
    this: void,
    record: Omit<Parameters<ProcessContext<never, V, S, O>['forward']>[0], 'key'>,
    to?: O,
  ): void
}

/** One stream, or one for each output. */
export type Processed<K, V, S extends Keys, O extends string> = [O] extends [never]
  ? KStream<K, V, S>
  : { readonly [B in O]: KStream<K, V, S> }

/** Adds the node, its stores, and a node for each output; the stream behind it, or one for each. */
export function processed<K, V>(
  part: StreamPart<K, V>,
  operator: 'process' | 'processValues',
  options: ProcessOptions<never, never, never, never, StoreDefinitions, string>,
  streamOf: (part: StreamPart<never, never>) => object,
): object {
  const { draft } = part
  const { stores = {}, outputs = [], start, name } = options
  const storeNames = Object.keys(stores)
  for (const store of storeNames) {
    const { key = string, value = defaultValueSerde(), version = 1 } = stores[store] ?? {}
    draft.addStore({
      name: store,
      kind: 'key-value',
      keySerde: internalSerde(key),
      valueSerde: internalSerde(value),
      version,
      why: `${name ?? operator} asks for it`,
    })
  }
  const keepsKeys = operator === 'processValues'
  const user = { storeNames, outputs, keepsKeys, start: start as never }
  const node = draft.addProcessor(
    {
      operator,
      name,
      detail: outputs.length > 0 ? outputs.join(', ') : undefined,
      supplier: () => new UserProcessor(user),
      stores: storeNames,
      functions: [start],
    },
    part.from,
  )
  const single = {
    draft,
    from: [node],
    key: keepsKeys ? part.key : (options.key ?? defaultKeySerde(node)),
    value: options.value ?? defaultValueSerde(),
    rekeyedBy: keepsKeys ? part.rekeyedBy : node,
  } as unknown as StreamPart<never, never>
  if (outputs.length === 0) return streamOf(single)
  const streams = outputs.map((output) => {
    const branch = { operator: 'output', name: `${node}-${output}`, supplier: () => pass() }
    return [output, streamOf({ ...single, from: [draft.addProcessor(branch, [node])] })]
  })
  return Object.fromEntries(streams) as object
}
