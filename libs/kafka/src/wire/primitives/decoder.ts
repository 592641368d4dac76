import { readInt64 } from './int64.ts'

/**
 * Kafka's protocol types, read one after the other. Reading past the end throws a `RangeError`.
 * See `Encoder` for "compact".
 */
export class Decoder {
  /** How long the broker asks to wait before the next request (KIP-219); 0 unless an answer said so. */
  throttleTimeMs = 0
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  int8(): number {
    const value = this.#buffer.readInt8(this.#at)
    this.#at += 1
    return value
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    const value = this.#buffer.readInt16BE(this.#at)
    this.#at += 2
    return value
  }

  int32(): number {
    const value = this.#buffer.readInt32BE(this.#at)
    this.#at += 4
    return value
  }

  int64(): number {
    const value = readInt64(this.#buffer, this.#at)
    this.#at += 8
    return value
  }

  throttleTime(): void {
    this.throttleTimeMs = this.int32()
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.#take(length).toString('utf8')
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1
    return length < 0 ? null : this.#take(length).toString('utf8')
  }

  compactString(): string {
    return this.compactNullableString() ?? ''
  }

  /** A view; empty for null. */
  bytes(): Buffer {
    return this.#take(Math.max(0, this.int32()))
  }

  /** Empty for null. */
  array<T>(read: () => T): T[] {
    return this.#repeat(this.int32(), read)
  }

  compactArray<T>(read: () => T): T[] {
    return this.#repeat(this.unsignedVarint() - 1, read)
  }

  /** Passes over the tagged fields at the end of a structure in a flexible version. */
  tags(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint()
      this.#take(this.unsignedVarint())
    }
  }

  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#at++)
      value |= (byte & 127) << shift
      if (byte < 128) break
    }
    return value >>> 0
  }

  #repeat<T>(count: number, read: () => T): T[] {
    const values: T[] = []
    for (let i = 0; i < count; i++) values.push(read())
    return values
  }

  #take(length: number): Buffer {
    const start = this.#at
    this.#at += length
    if (this.#at > this.#buffer.length)
      throw new RangeError('the answer is shorter than its fields')
    return this.#buffer.subarray(start, this.#at)
  }
}
