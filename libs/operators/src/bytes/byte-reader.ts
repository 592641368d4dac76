import { MillraceError } from '@millrace/errors'

const twoTo32 = 2 ** 32

/** Reads what a `ByteWriter` wrote. Throws `MILLRACE_RECORD_UNDECODABLE` where the bytes end early. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4))
  }

  int64(): number {
    const at = this.#take(8)
    return this.#bytes.readInt32BE(at) * twoTo32 + this.#bytes.readUInt32BE(at + 4)
  }

  /** A view, not a copy. */
  sized(): Buffer {
    const bytes = this.sizedOrNull()
    if (bytes === null) throw endsEarly(this.#bytes)
    return bytes
  }

  sizedOrNull(): Buffer | null {
    const length = this.#bytes.readInt32BE(this.#take(4))
    if (length < 0) return null
    const at = this.#take(length)
    return this.#bytes.subarray(at, at + length)
  }

  #take(count: number): number {
    const at = this.#at
    this.#at += count
    if (this.#at > this.#bytes.length) throw endsEarly(this.#bytes)
    return at
  }
}

function endsEarly(bytes: Buffer): MillraceError {
  return new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
    message: `${bytes.length} bytes end before what they begin`,
  })
}
