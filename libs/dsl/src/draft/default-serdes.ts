import { MillraceError } from '@millrace/errors'
import { json, type Serde, string } from '@millrace/record'

/** JSON, for values of which nothing is said. */
export function defaultValueSerde<V>(): Serde<V> {
  return json<V>()
}

/**
 * The string serde for keys of which nothing is said. Where a key is no string after all, which
 * the types would have told, the error names the operator that made it.
 */
export function defaultKeySerde<K>(operator: string): Serde<K> {
  const serde: Serde<string> = {
    ...string,
    serialize(key: string) {
      if (typeof key === 'string') return string.serialize(key)
      throw new MillraceError('MILLRACE_DSL_SERDE_REQUIRED', {
        message: `${operator} made a key that is a ${typeof key} and no string`,
      })
    },
  }
  return Object.freeze(serde) as unknown as Serde<K>
}
