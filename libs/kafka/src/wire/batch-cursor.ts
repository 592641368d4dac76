import { MillraceError } from '@millrace/errors'
import { type Header, type Headers, noHeaders } from '@millrace/record'
import type { RecordBatch } from './record-batch.ts'
import type { RecordCursor } from './record-cursor.ts'

const noBytes = Buffer.alloc(0)
const twoTo27 = 0x800_0000
const utf8 = 'utf8'

/**
 * The `RecordCursor` over real batches. One cursor serves any number of batches, one after the
 * other; `next()` allocates nothing. Throws `MILLRACE_KAFKA_CORRUPT_BATCH` where a record's parts
 * do not lie inside it.
 *
 * A record (Kafka's `DefaultRecord`): length varint · attributes int8 · timestampDelta varlong ·
 * offsetDelta varint · key length varint, bytes · value length varint, bytes · header count varint,
 * each: name length varint, name, value length varint, value. Length -1 is null.
 */
export class BatchCursor implements RecordCursor {
  buffer: Buffer = noBytes
  offset = -1
  timestampMs = -1
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1

  #headersStart = 0
  #recordEnd = 0
  #batchEnd = 0
  #left = 0
  #baseOffset = 0
  #baseTimestampMs = 0
  /** NaN unless the broker's append time holds for every record. */
  #appendTimeMs = Number.NaN
  /** Where the next varint is read. */
  #at = 0

  load(batch: RecordBatch): void {
    if (batch.compression !== 'none') {
      throw new MillraceError('MILLRACE_ERRORS_ASSERTION', {
        message: 'a cursor was given a compressed batch',
      })
    }
    this.buffer = batch.buffer
    this.#recordEnd = batch.recordsStart
    this.#batchEnd = batch.recordsEnd
    this.#left = batch.recordCount
    this.#baseOffset = batch.baseOffset
    this.#baseTimestampMs = batch.baseTimestampMs
    this.#appendTimeMs = batch.isLogAppendTime ? batch.maxTimestampMs : Number.NaN
    this.offset = -1
    this.keyStart = -1
    this.valueStart = -1
  }

  next(): boolean {
    if (this.#left === 0) return false
    this.#left--
    this.#at = this.#recordEnd
    const length = this.#varint()
    const recordEnd = this.#at + length
    if (length < 0 || recordEnd > this.#batchEnd)
      throw this.#corrupt('a record is longer than its batch')
    this.#recordEnd = recordEnd
    this.#at++ // The record's attributes: unused by Kafka.
    const timestampDelta = this.#varint()
    this.timestampMs = Number.isNaN(this.#appendTimeMs)
      ? this.#baseTimestampMs + timestampDelta
      : this.#appendTimeMs
    this.offset = this.#baseOffset + this.#varint()

    const keyLength = this.#varint()
    this.keyStart = keyLength < 0 ? -1 : this.#at
    this.#at += keyLength < 0 ? 0 : keyLength
    this.keyEnd = keyLength < 0 ? -1 : this.#at

    const valueLength = this.#varint()
    this.valueStart = valueLength < 0 ? -1 : this.#at
    this.#at += valueLength < 0 ? 0 : valueLength
    this.valueEnd = valueLength < 0 ? -1 : this.#at

    this.#headersStart = this.#at
    if (this.#at >= recordEnd) throw this.#corrupt('key and value are longer than their record')
    return true
  }

  key(): Buffer | null {
    return this.keyStart < 0 ? null : this.buffer.subarray(this.keyStart, this.keyEnd)
  }

  value(): Buffer | null {
    return this.valueStart < 0 ? null : this.buffer.subarray(this.valueStart, this.valueEnd)
  }

  headers(): Headers {
    this.#at = this.#headersStart
    const count = this.#varint()
    if (count === 0) return noHeaders
    if (count < 0) throw this.#corrupt('impossible header count')
    const headers: Header[] = []
    for (let i = 0; i < count; i++) {
      const name = this.#bytes()
      if (name === null) throw this.#corrupt('a header has no name')
      headers.push([name.toString(utf8), this.#bytes()])
    }
    return headers
  }

  #bytes(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const start = this.#at
    this.#at += length
    if (this.#at > this.#recordEnd) throw this.#corrupt('a header is longer than its record')
    return this.buffer.subarray(start, this.#at)
  }

  /** A zigzag varint of up to 64 bits as a number; past the buffer's end it reads zeros. */
  #varint(): number {
    const buffer = this.buffer
    let byte = buffer[this.#at++]!
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
    let low = byte & 127
    byte = buffer[this.#at++]!
    low |= (byte & 127) << 7
    if (byte < 128) return (low >>> 1) ^ -(low & 1)
    byte = buffer[this.#at++]!
    low |= (byte & 127) << 14
    if (byte < 128) return (low >>> 1) ^ -(low & 1)
    byte = buffer[this.#at++]!
    low |= (byte & 127) << 21
    if (byte < 128) return (low >>> 1) ^ -(low & 1)
    return this.#longVarint(low)
  }

  /** The rest of a varint of which 28 bits were read; these no longer fit into bitwise operators. */
  #longVarint(low: number): number {
    let high = 0
    let weight = 1
    let byte: number
    do {
      byte = this.buffer[this.#at++]!
      high += (byte & 127) * weight
      weight *= 128
    } while (byte >= 128 && weight < 2 ** 42)
    const magnitude = high * twoTo27 + (low >>> 1)
    return low & 1 ? -magnitude - 1 : magnitude
  }

  #corrupt(what: string): MillraceError {
    const base = this.#baseOffset
    return new MillraceError('MILLRACE_KAFKA_CORRUPT_BATCH', {
      message: `record batch with base offset ${base}: ${what}`,
    })
  }
}
