/** Reads LevelDB's encodings from front to back. Reading past the end throws a RangeError. */
export class ByteReader {
  readonly bytes: Buffer
  at: number
  readonly end: number

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get isAtEnd(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.isAtEnd) throw new RangeError(`the bytes end at ${this.end}`)
    return this.bytes[this.at++] as number
  }

  /** Little-endian base 128; up to 2^53. */
  varint(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) break
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`a number beyond 2^53 at ${this.at}`)
    return value
  }

  /** A view. */
  take(length: number): Buffer {
    const from = this.at
    if (from + length > this.end) throw new RangeError(`the bytes end at ${this.end}`)
    this.at += length
    return this.bytes.subarray(from, this.at)
  }

  /** Bytes with their length before them. */
  takeSized(): Buffer {
    return this.take(this.varint())
  }
}
