import { recordSizeMax } from '@millrace/kafka'
import type { Headers } from '@millrace/record'

/** What is before the records of a batch, and counts for `max.message.bytes`. */
const batchOverheadBytes = 61

/**
 * How large a record a topic lets in, as far as it is known: its settings are read when the worker
 * starts. A record is measured uncompressed, as by Kafka's own producer. Where the setting changes
 * later, and of timestamps always, the broker has the word: its clock is not ours.
 */
export class TopicLimits {
  readonly #maxMessageBytes: number

  /** Of the topic's settings; none of them: no limit is known. */
  constructor(configs: ReadonlyMap<string, string> = new Map()) {
    const value = Number(configs.get('max.message.bytes') ?? Number.NaN)
    this.#maxMessageBytes = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
  }

  /** Bytes of the largest record, without those of its batch. Infinity where it is not known. */
  get recordMaxBytes(): number {
    return this.#maxMessageBytes - batchOverheadBytes
  }

  /** Why the broker would refuse the record; null where it would not. */
  refusal(key: Buffer | null, value: Buffer | null, headers: Headers): string | null {
    if (this.#maxMessageBytes === Number.POSITIVE_INFINITY) return null
    const sizeMax = recordSizeMax(key, value, headers)
    if (sizeMax <= this.recordMaxBytes) return null
    return `takes up to ${sizeMax} bytes, max.message.bytes=${this.#maxMessageBytes} leaves ${this.recordMaxBytes}`
  }
}
