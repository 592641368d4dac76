import type { Record, Serde } from '@millrace/record'

/** A value of one of several inputs that share an aggregate, with the record that brought it. */
export interface Tagged<K, V> {
  /** Index among the inputs. */
  readonly input: number
  readonly record: Record<K, V>
}

/**
 * Writes the value as its own input does: for late records, which are written as they came. Reads
 * as the first input does.
 */
export function taggedSerde<V>(inputs: readonly Serde<V>[]): Serde<Tagged<unknown, V>> {
  const names = new Set(inputs.map(({ name }) => name))
  return Object.freeze({
    name: [...names].join(' or '),
    serialize: ({ input, record }: Tagged<unknown, V>) =>
      (inputs[input] as Serde<V>).serialize(record.value),
    deserialize: (bytes: Buffer) => (inputs[0] as Serde<V>).deserialize(bytes) as never,
  })
}
