const twoTo32 = 2 ** 32

/** Bytes put one behind the other, big-endian. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(256)
  #length = 0

  uint8(value: number): void {
    const at = this.#room(1)
    this.#buffer.writeUInt8(value, at)
  }

  uint32(value: number): void {
    const at = this.#room(4)
    this.#buffer.writeUInt32BE(value, at)
  }

  /** A safe integer, negative ones included. */
  int64(value: number): void {
    const at = this.#room(8)
    this.#buffer.writeInt32BE(Math.floor(value / twoTo32), at)
    this.#buffer.writeUInt32BE(((value % twoTo32) + twoTo32) % twoTo32, at + 4)
  }

  /** Length in 4 bytes, then the bytes. */
  sized(bytes: Buffer): void {
    const at = this.#room(4 + bytes.length)
    this.#buffer.writeInt32BE(bytes.length, at)
    bytes.copy(this.#buffer, at + 4)
  }

  /** Null has the length -1. */
  sizedOrNull(bytes: Buffer | null): void {
    if (bytes !== null) return this.sized(bytes)
    const at = this.#room(4)
    this.#buffer.writeInt32BE(-1, at)
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Where `count` bytes are to go. Ask before `#buffer` is read: it may be another one then. */
  #room(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, at)
      this.#buffer = larger
    }
    return at
  }
}
