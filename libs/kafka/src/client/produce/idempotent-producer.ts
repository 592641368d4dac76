import { MillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import type { PartitionOffset } from '../../ports/cluster.ts'
import type { Producer, ProducerOptions } from '../../ports/producer.ts'
import { errorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { Closing } from '../closing.ts'
import type { Connection } from '../connection.ts'
import { retry } from '../retry.ts'
import { Accumulator } from './accumulator.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { type ProducerIdentity, producerEpochMax } from './producer-identity.ts'
import { withDefaults } from './producer-options.ts'
import { Sender } from './sender.ts'
import { writtenOffsets } from './written-offsets.ts'

/**
 * Writes without loss or repetition (KIP-98). It asks for a producer id when the first batch is to
 * be sent. A sequence that the broker has lost is mended where that is safe: see `#mend`.
 */
export class IdempotentProducer implements Producer {
  readonly #connection: Connection
  readonly #options: Required<ProducerOptions>
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #closing = new Closing()
  #identity: ProducerIdentity | null = null
  #isIdentifying = false
  readonly #drain = (): void => this.#sender.drain()

  constructor(connection: Connection, options: ProducerOptions) {
    this.#connection = connection
    this.#options = withDefaults(options)
    this.#accumulator = new Accumulator({
      ...this.#options,
      clock: connection.clock,
      isTransactional: false,
      onSealed: (queue) => this.#sender.enqueue(queue),
    })
    this.#sender = new Sender(this.#accumulator, {
      connection,
      transactionalId: null,
      deliveryTimeoutMs: this.#options.deliveryTimeoutMs,
      admits: () => this.#identity !== null || this.#identify(),
      mends: (queue, errorCode) => this.#mend(queue, errorCode),
      onFailure: () => {},
    })
  }

  append(
    topic: string,
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): void {
    if (this.#sender.failure !== null) throw this.#sender.failure
    const isBatchFull = this.#accumulator.append(topic, partition, key, value, timestampMs, headers)
    // Not at once: whoever appends in one go can still close before anything of it is sent.
    if (isBatchFull) queueMicrotask(this.#drain)
  }

  bufferedBytes(): number {
    return this.#accumulator.bufferedBytes
  }

  async flush(): Promise<readonly PartitionOffset[]> {
    this.#accumulator.sealAll()
    this.#sender.drain()
    await this.#sender.delivered()
    return writtenOffsets(this.#connection, this.#sender.takeAcknowledged())
  }

  async close(): Promise<void> {
    this.#closing.close()
    this.#sender.close()
  }

  /** Asks for a producer id in the background; false because it is not there yet. */
  #identify(): boolean {
    if (this.#isIdentifying) return false
    this.#isIdentifying = true
    this.#initProducerId().then(
      (identity) => {
        this.#identity = identity
        this.#accumulator.identify(identity)
        this.#sender.drain()
      },
      (error: unknown) => this.#sender.fail(error as Error),
    )
    return false
  }

  /** Any broker gives out producer ids; a different one is asked after a failure. */
  #initProducerId(): Promise<ProducerIdentity> {
    const { clock, metadata, transport } = this.#connection
    const request = {
      transactionalId: null,
      transactionTimeoutMs: 0,
      producerId: -1,
      producerEpoch: -1,
    }
    let attempts = 0
    return retry(
      { clock, closing: this.#closing, timeoutMs: this.#options.deliveryTimeoutMs },
      async () => {
        if (attempts > 0 || metadata.brokerIds.length === 0) await metadata.refresh([])
        const brokerIds = metadata.brokerIds
        if (brokerIds.length === 0) throw noBrokerError()
        const answer = await transport.initProducerId(
          brokerIds[attempts++ % brokerIds.length]!,
          request,
        )
        if (answer.errorCode !== kafkaError.NONE)
          throw errorFor(answer.errorCode, 'asking for a producer id')
        return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
      },
    )
  }

  /**
   * The leader has lost the sequence (its log was truncated or emptied). A batch refused at its
   * first attempt is surely not in the log: it goes out under the next epoch with sequence 0, and
   * so does what follows (KIP-360). After more attempts it may be in the log, and sending it under
   * another epoch could write it twice: then the producer fails.
   */
  #mend(queue: PartitionQueue, errorCode: number): boolean {
    const first = queue.batches[0]!
    const identity = this.#identity!
    if (
      !sequenceLost.has(errorCode) ||
      first.attempts > 1 ||
      identity.producerEpoch >= producerEpochMax
    )
      return false
    first.attempts = 0
    this.#identity = { producerId: identity.producerId, producerEpoch: identity.producerEpoch + 1 }
    this.#connection.logger.warn(
      { topic: queue.topic, partition: queue.partition, errorCode },
      'producer epoch raised',
    )
    this.#accumulator.identify(this.#identity)
    return true
  }
}

const sequenceLost: ReadonlySet<number> = new Set([
  kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
  kafkaError.UNKNOWN_PRODUCER_ID,
  kafkaError.INVALID_PRODUCER_EPOCH,
])

function noBrokerError(): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'the cluster named no broker' })
}
