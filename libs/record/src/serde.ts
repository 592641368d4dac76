/**
 * Turns a key or value into bytes and back. Both directions are synchronous, and neither sees
 * `null`: a null key or value stays null on both sides.
 *
 * `deserialize` gets a view into a larger buffer: copy what you keep. It throws on bytes that it
 * cannot read; the engine then applies the policy for undecodable records.
 */
export interface Serde<T> {
  /** Shown by `describe()` and part of the plan's fingerprint, e.g. `json`, `string`. */
  readonly name: string
  serialize(value: T): Buffer
  deserialize(bytes: Buffer): T
  /**
   * A string or number that is equal exactly where the serialised bytes are equal: the identity
   * of a key inside a process. Left out: the serialised bytes as a latin1 string.
   */
  identity?(value: T): string | number
  /**
   * The part of a serialised key that decides its partition; left out: all of it. A windowed key
   * goes where its bare key goes.
   */
  partitionBytes?(bytes: Buffer): Buffer
  /**
   * The serde for topics and stores that only Millrace writes: it reads back what `serialize`
   * wrote, without validating (and transforming) once more. Left out: this serde itself.
   */
  readonly internal?: Serde<T>
  /**
   * Called before anything is processed, for every topic outside of Millrace's own that is read or
   * written with it: here it may ask others, a registry say. Rejects with what makes a start useless.
   */
  prepare?(use: SerdeUse): Promise<void>
}

/** Where a serde is used. */
export interface SerdeUse {
  readonly topic: string
  readonly part: 'key' | 'value'
  readonly isWritten: boolean
}

/** The serde of a value in Millrace's own topics and stores. */
export function internalSerde<T>(serde: Serde<T>): Serde<T> {
  return serde.internal ?? serde
}

/** The identity of a key inside a process: equal exactly where the serialised bytes are equal. */
export function identityOf<T>(serde: Serde<T>, value: T): string | number {
  return serde.identity ? serde.identity(value) : serde.serialize(value).toString('latin1')
}
