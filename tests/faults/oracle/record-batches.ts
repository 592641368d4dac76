// Kafka's record format 2, read with nothing of Millrace's: what judges the client must not be it.

/** A record as it lies in the log. */
export interface LogRecord {
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[]
}

export interface LogBatch {
  readonly producerId: bigint
  readonly isTransactional: boolean
  /** Set in a control batch alone. */
  readonly marker: 'commit' | 'abort' | null
  readonly lastOffset: number
  readonly records: readonly LogRecord[]
}

const headerBytes = 61

/** The complete batches of a fetch answer; one that is cut short at the end is left out. */
export function parseBatches(bytes: Buffer): LogBatch[] {
  const batches: LogBatch[] = []
  let at = 0
  while (at + headerBytes <= bytes.length) {
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end > bytes.length) break
    batches.push(parseBatch(bytes.subarray(at, end)))
    at = end
  }
  return batches
}

function parseBatch(batch: Buffer): LogBatch {
  const attributes = batch.readInt16BE(21)
  if ((attributes & 7) !== 0) throw new Error('the oracle reads uncompressed batches only')
  const baseOffset = Number(batch.readBigInt64BE(0))
  const reader = new Reader(batch, headerBytes)
  const records = Array.from({ length: batch.readInt32BE(57) }, () => reader.record(baseOffset))
  const isControl = (attributes & 32) !== 0
  return {
    producerId: batch.readBigInt64BE(43),
    isTransactional: (attributes & 16) !== 0,
    marker: isControl ? markerOf(records[0]?.key) : null,
    lastOffset: baseOffset + batch.readInt32BE(23),
    records: isControl ? [] : records,
  }
}

/** The key of a control record: version int16, type int16 (0 abort, 1 commit). */
function markerOf(key: Buffer | null | undefined): 'commit' | 'abort' | null {
  const type = key?.readInt16BE(2)
  if (type === 0) return 'abort'
  return type === 1 ? 'commit' : null
}

class Reader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  record(baseOffset: number): LogRecord {
    const end = this.#varint() + this.#at
    this.#at += 1
    this.#varint()
    const offset = baseOffset + this.#varint()
    const key = this.#field()
    const value = this.#field()
    const headers = Array.from({ length: this.#varint() }, () => {
      const name = this.#field()?.toString() ?? ''
      return [name, this.#field()] as const
    })
    this.#at = end
    return { offset, key, value, headers }
  }

  #field(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    this.#at += length
    return Buffer.from(this.#bytes.subarray(this.#at - length, this.#at))
  }

  /** Zigzag; multiplied, not shifted: a timestamp's delta may be over 32 bits. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 127) * scale
      scale *= 128
      if (byte < 128) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}
