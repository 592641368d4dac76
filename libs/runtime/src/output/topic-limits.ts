import { recordSizeMax } from '@millrace/kafka'
import type { Headers } from '@millrace/record'

/** What is before the records of a batch, and counts for `max.message.bytes`. */
const batchOverheadBytes = 61

/**
 * What a topic lets in, as far as it is known: its settings are read when the worker starts. A
 * record is measured uncompressed, as by Kafka's own producer. Where a setting changes later, the
 * broker has the last word.
 */
export class TopicLimits {
  readonly #maxMessageBytes: number
  readonly #afterMaxMs: number
  readonly #beforeMaxMs: number
  #timestampMaxMs = Number.POSITIVE_INFINITY
  #timestampMinMs = Number.NEGATIVE_INFINITY

  /** Of the topic's settings; none of them: no limit is known. */
  constructor(configs: ReadonlyMap<string, string> = new Map()) {
    const isAppendTime = configs.get('message.timestamp.type') === 'LogAppendTime'
    const limit = (name: string): number => {
      const value = Number(configs.get(name) ?? Number.NaN)
      return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
    }
    this.#maxMessageBytes = limit('max.message.bytes')
    this.#afterMaxMs = isAppendTime
      ? Number.POSITIVE_INFINITY
      : limit('message.timestamp.after.max.ms')
    this.#beforeMaxMs = isAppendTime
      ? Number.POSITIVE_INFINITY
      : limit('message.timestamp.before.max.ms')
  }

  /** Bytes of the largest record, without those of its batch. Infinity where it is not known. */
  get recordMaxBytes(): number {
    return this.#maxMessageBytes - batchOverheadBytes
  }

  /** The broker's clock, as near as ours is to it: told between chunks of records. */
  setNow(nowMs: number): void {
    this.#timestampMaxMs = nowMs + this.#afterMaxMs
    this.#timestampMinMs = nowMs - this.#beforeMaxMs
  }

  /** Why the broker would refuse the record; null where it would not. */
  refusal(
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): string | null {
    if (timestampMs > this.#timestampMaxMs)
      return `has the timestamp ${timestampMs}, ${this.#afterMaxMs} ms ahead of the clock are allowed`
    if (timestampMs < this.#timestampMinMs)
      return `has the timestamp ${timestampMs}, ${this.#beforeMaxMs} ms behind the clock are allowed`
    if (this.#maxMessageBytes === Number.POSITIVE_INFINITY) return null
    const sizeMax = recordSizeMax(key, value, headers)
    if (sizeMax <= this.recordMaxBytes) return null
    return `takes up to ${sizeMax} bytes, max.message.bytes=${this.#maxMessageBytes} leaves ${this.recordMaxBytes}`
  }
}
