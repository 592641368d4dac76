import { writeInt64 } from './int64.ts'

/**
 * Kafka's protocol types, written one after the other into a growing buffer. "Compact" is the
 * encoding of flexible versions (KIP-482): lengths as unsigned varints, one more than they are.
 */
export class Encoder {
  #buffer = Buffer.allocUnsafe(512)
  #at = 0

  /** What was written: a view, good until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  int8(value: number): this {
    this.#reserve(1)
    this.#buffer.writeInt8(value, this.#at)
    this.#at += 1
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.#reserve(2)
    this.#buffer.writeInt16BE(value, this.#at)
    this.#at += 2
    return this
  }

  int32(value: number): this {
    this.#reserve(4)
    this.#buffer.writeInt32BE(value, this.#at)
    this.#at += 4
    return this
  }

  int64(value: number): this {
    this.#reserve(8)
    writeInt64(this.#buffer, value, this.#at)
    this.#at += 8
    return this
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    this.int16(Buffer.byteLength(value))
    return this.#utf8(value)
  }

  compactString(value: string | null): this {
    if (value === null) return this.#unsignedVarint(0)
    this.#unsignedVarint(Buffer.byteLength(value) + 1)
    return this.#utf8(value)
  }

  bytesField(value: Buffer): this {
    this.int32(value.length)
    this.#reserve(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
    return this
  }

  /** Null where the protocol tells it from an empty array. */
  array<T>(values: readonly T[] | null, write: (value: T) => void): this {
    this.int32(values === null ? -1 : values.length)
    values?.forEach(write)
    return this
  }

  compactArray<T>(values: readonly T[], write: (value: T) => void): this {
    this.#unsignedVarint(values.length + 1)
    values.forEach(write)
    return this
  }

  /** The end of a structure in a flexible version, with no tagged fields. */
  noTags(): this {
    return this.int8(0)
  }

  #unsignedVarint(value: number): this {
    let rest = value
    while (rest > 127) {
      this.int8(((rest & 127) | 128) - 256)
      rest >>>= 7
    }
    return this.int8(rest)
  }

  #utf8(value: string): this {
    this.#reserve(value.length * 3)
    this.#at += this.#buffer.write(value, this.#at)
    return this
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
