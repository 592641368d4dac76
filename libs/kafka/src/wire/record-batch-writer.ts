import { MillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import { batchAttribute, batchField, logOverheadBytes } from './batch-header.ts'
import { crc32c } from './primitives/crc32c.ts'
import { writeInt64 } from './primitives/int64.ts'
import { varintBytes } from './primitives/varint.ts'

/** What a batch is stamped with when it is finished. */
export interface BatchStamp {
  /** -1 with epoch -1 and sequence -1: neither idempotent nor transactional. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
  /** A producer leaves it out (0); the broker puts in its own. */
  readonly baseOffset?: number
}

export const unstamped: BatchStamp = {
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  isTransactional: false,
}

/** Length, attributes, time and offset deltas, key and value lengths, header count: at most. */
const recordOverheadMax = 5 + 1 + 10 + 5 + 5 + 5 + 5
const initialBytes = 4_096
const maxBytes = 0x7fff_0000

/**
 * Encodes records into one batch (magic 2, uncompressed), in a buffer that grows and is reused:
 * `reset()` keeps it. Offsets are 0, 1, 2 … from the base.
 */
export class RecordBatchWriter {
  #buffer: Buffer
  #at: number = batchField.records
  #count = 0
  #baseTimestampMs = 0
  #maxTimestampMs = 0

  constructor(capacityBytes: number = initialBytes) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(capacityBytes, batchField.records))
  }

  get count(): number {
    return this.#count
  }

  /** Of the batch as it stands, its header included; the header alone when empty. */
  get sizeBytes(): number {
    return this.#at
  }

  /** An upper bound of what `sizeBytes` becomes with one more record. */
  sizeIfAppended(key: Buffer | null, value: Buffer | null, headers: Headers): number {
    return this.#at + recordSizeMax(key, value, headers)
  }

  append(key: Buffer | null, value: Buffer | null, timestampMs: number, headers: Headers): void {
    if (this.#count === 0) {
      this.#baseTimestampMs = timestampMs
      this.#maxTimestampMs = timestampMs
    } else if (timestampMs > this.#maxTimestampMs) {
      this.#maxTimestampMs = timestampMs
    }
    const timestampDelta = timestampMs - this.#baseTimestampMs
    const bodyBytes =
      1 +
      varintBytes(timestampDelta) +
      varintBytes(this.#count) +
      nullableBytes(key) +
      nullableBytes(value) +
      headersBytes(headers)
    this.#reserve(bodyBytes + 5)
    this.#varint(bodyBytes)
    this.#buffer[this.#at++] = 0
    this.#varint(timestampDelta)
    this.#varint(this.#count)
    this.#bytes(key)
    this.#bytes(value)
    this.#varint(headers.length)
    for (let i = 0; i < headers.length; i++) this.#header(headers[i]![0], headers[i]![1])
    this.#count++
  }

  /** A copy of the finished batch; the writer can go on, or be reset. */
  finish(stamp: BatchStamp): Buffer {
    const b = this.#buffer
    const end = this.#at
    writeInt64(b, stamp.baseOffset ?? 0, batchField.baseOffset)
    b.writeInt32BE(end - logOverheadBytes, batchField.batchLength)
    b.writeInt32BE(-1, batchField.partitionLeaderEpoch)
    b[batchField.magic] = 2
    b.writeInt16BE(stamp.isTransactional ? batchAttribute.transactional : 0, batchField.attributes)
    b.writeInt32BE(this.#count - 1, batchField.lastOffsetDelta)
    writeInt64(b, this.#baseTimestampMs, batchField.baseTimestamp)
    writeInt64(b, this.#maxTimestampMs, batchField.maxTimestamp)
    writeInt64(b, stamp.producerId, batchField.producerId)
    b.writeInt16BE(stamp.producerEpoch, batchField.producerEpoch)
    b.writeInt32BE(stamp.baseSequence, batchField.baseSequence)
    b.writeInt32BE(this.#count, batchField.recordCount)
    b.writeInt32BE(crc32c(b, batchField.attributes, end), batchField.crc)
    return Buffer.copyBytesFrom(b, 0, end)
  }

  /** Empties the batch; the buffer stays. */
  reset(): void {
    this.#at = batchField.records
    this.#count = 0
    this.#baseTimestampMs = 0
    this.#maxTimestampMs = 0
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#buffer.length) return
    if (needed > maxBytes)
      throw new MillraceError('MILLRACE_KAFKA_RECORD_REFUSED', {
        message: `batch of ${needed} bytes`,
      })
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }

  #header(name: string, value: Buffer | null): void {
    const nameBytes = utf8Bytes(name)
    this.#varint(nameBytes)
    if (nameBytes === name.length) {
      for (let i = 0; i < nameBytes; i++) this.#buffer[this.#at++] = name.charCodeAt(i)
    } else {
      this.#at += this.#buffer.write(name, this.#at, nameBytes, 'utf8')
    }
    this.#bytes(value)
  }

  #bytes(bytes: Buffer | null): void {
    if (bytes === null) {
      this.#buffer[this.#at++] = 1 // -1, zigzag
      return
    }
    this.#varint(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #varint(value: number): void {
    const b = this.#buffer
    // Zigzag by arithmetic where the value does not fit into bitwise operators.
    if (value > 0x3fff_ffff || value < -0x4000_0000) return this.#longVarint(value)
    let zigzag = (value << 1) ^ (value >> 31)
    while (zigzag > 127) {
      b[this.#at++] = (zigzag & 127) | 128
      zigzag >>>= 7
    }
    b[this.#at++] = zigzag
  }

  #longVarint(value: number): void {
    const b = this.#buffer
    const sign = value < 0 ? 1 : 0
    let rest = sign ? -value - 1 : value
    b[this.#at++] = ((rest % 64) << 1) | sign | 128
    rest = Math.floor(rest / 64)
    while (rest > 127) {
      b[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    b[this.#at++] = rest
  }
}

/** An upper bound of the bytes that one record takes in a batch. */
export function recordSizeMax(key: Buffer | null, value: Buffer | null, headers: Headers): number {
  let bytes = recordOverheadMax + (key?.length ?? 0) + (value?.length ?? 0)
  for (let i = 0; i < headers.length; i++) {
    // A UTF-16 unit becomes at most three bytes.
    bytes += 10 + headers[i]![0].length * 3 + (headers[i]![1]?.length ?? 0)
  }
  return bytes
}

function nullableBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : varintBytes(bytes.length) + bytes.length
}

function headersBytes(headers: Headers): number {
  let bytes = varintBytes(headers.length)
  for (let i = 0; i < headers.length; i++) {
    const nameBytes = utf8Bytes(headers[i]![0])
    bytes += varintBytes(nameBytes) + nameBytes + nullableBytes(headers[i]![1])
  }
  return bytes
}

/** Header names are short and ASCII as a rule: counted here, a call into native code is saved. */
function utf8Bytes(text: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return Buffer.byteLength(text)
  }
  return text.length
}
