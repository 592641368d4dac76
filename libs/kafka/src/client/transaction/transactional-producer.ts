import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import type { CommittedOffset, PartitionOffset } from '../../ports/cluster.ts'
import type { GroupMetadata } from '../../ports/group.ts'
import type { TransactionalProducer, TransactionalProducerOptions } from '../../ports/producer.ts'
import { Closing, closedError } from '../closing.ts'
import type { Connection } from '../connection.ts'
import { Accumulator } from '../produce/accumulator.ts'
import { noIdentity, type ProducerIdentity } from '../produce/producer-identity.ts'
import { withDefaults } from '../produce/producer-options.ts'
import { Sender } from '../produce/sender.ts'
import { writtenOffsets } from '../produce/written-offsets.ts'
import { isRetriableError } from '../retry.ts'
import { PartitionRegistration } from './partition-registration.ts'
import { TransactionCoordinator } from './transaction-coordinator.ts'
import { TransactionState } from './transaction-state.ts'

const defaultTransactionTimeoutMs = 10_000

/**
 * Writes in transactions (KIP-98, KIP-447, KIP-360). What state it is in, and which call is legal
 * there, stands in `TransactionState`; errors say by their code what to do:
 *
 * - `MILLRACE_KAFKA_FENCED`: another producer has the id. This one is done.
 * - `MILLRACE_KAFKA_COMMIT_UNDECIDED`: call `init`, then read the committed offsets with `requireStable`.
 * - `MILLRACE_KAFKA_FATAL`, `_UNSUPPORTED`, `_AUTHENTICATION`: this one is done.
 * - anything else: call `abort`, then `begin` again. With the recovery `rejoin` the group moved on.
 */
export class KafkaTransactionalProducer implements TransactionalProducer {
  readonly #connection: Connection
  readonly #accumulator: Accumulator
  readonly #sender: Sender
  readonly #coordinator: TransactionCoordinator
  readonly #registration: PartitionRegistration
  readonly #state = new TransactionState()
  readonly #closing = new Closing()
  #identity: ProducerIdentity = noIdentity

  constructor(connection: Connection, options: TransactionalProducerOptions) {
    const { transactionalId, transactionTimeoutMs = defaultTransactionTimeoutMs } = options
    const { deliveryTimeoutMs, ...limits } = withDefaults(options)
    this.#connection = connection
    this.#accumulator = new Accumulator({
      ...limits,
      clock: connection.clock,
      isTransactional: true,
      onSealed: (queue) => this.#sender.enqueue(queue),
    })
    this.#coordinator = new TransactionCoordinator({
      connection,
      closing: this.#closing,
      transactionalId,
      transactionTimeoutMs,
      timeoutMs: deliveryTimeoutMs,
    })
    this.#registration = new PartitionRegistration({
      add: (partitions) => this.#coordinator.addPartitions(this.#identity, partitions),
      queues: () => this.#accumulator.queues,
      onAdded: () => this.#sender.drain(),
      onError: (error) => this.#sender.fail(error),
    })
    this.#sender = new Sender(this.#accumulator, {
      connection,
      transactionalId,
      deliveryTimeoutMs,
      admits: (queue) => this.#registration.admits(queue),
      mends: () => false,
      onFailure: (error) => this.#state.breakBy(error),
    })
  }

  async init(): Promise<void> {
    const isFirst = this.#state.phase === 'uninitialized'
    this.#state.expect('init', 'uninitialized', 'undecided')
    this.#state.moveTo('initializing')
    try {
      await this.#dropAll()
      // After an undecided commit the current identity is shown: a producer that has been fenced
      // meanwhile must learn it, not fence its successor.
      await this.#identify()
      this.#state.moveTo('ready')
    } catch (error) {
      if (isPassing(error)) this.#state.moveTo(isFirst ? 'uninitialized' : 'undecided')
      else this.#state.fail(error as Error)
      throw error
    }
  }

  begin(): void {
    this.#state.expect('begin', 'ready')
    this.#registration.begin()
    this.#state.moveTo('open')
  }

  append(
    topic: string,
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): void {
    if (this.#state.phase !== 'open') this.#state.expect('append', 'open')
    const isBatchFull = this.#accumulator.append(topic, partition, key, value, timestampMs, headers)
    if (isBatchFull) this.#sender.drain()
  }

  bufferedBytes(): number {
    return this.#accumulator.bufferedBytes
  }

  async flush(): Promise<readonly PartitionOffset[]> {
    this.#state.expect('flush', 'open')
    await this.#deliver()
    return writtenOffsets(this.#connection, this.#sender.takeAcknowledged())
  }

  async sendOffsets(offsets: readonly CommittedOffset[], group: GroupMetadata): Promise<void> {
    this.#state.expect('sendOffsets', 'open')
    if (offsets.length === 0) return
    try {
      this.#registration.expect()
      await this.#coordinator.addGroup(this.#identity, group.groupId)
      this.#registration.confirm()
      await this.#coordinator.commitOffsets(this.#identity, offsets, group)
    } catch (error) {
      throw this.#break(error as Error)
    }
  }

  async commit(): Promise<void> {
    this.#state.expect('commit', 'open')
    await this.#deliver()
    this.#state.moveTo('committing')
    try {
      if (this.#registration.isExpected) await this.#coordinator.end(this.#identity, true)
      this.#state.moveTo('ready')
    } catch (error) {
      if (isPassing(error)) {
        this.#state.moveTo('undecided')
        throw undecidedError(error)
      }
      throw this.#break(error as Error)
    }
  }

  async abort(): Promise<void> {
    this.#state.expect('abort', 'open', 'abortable')
    this.#state.moveTo('aborting')
    try {
      await this.#dropAll()
      await this.#endAborted()
      await this.#identify()
      this.#state.moveTo('ready')
    } catch (error) {
      throw this.#break(error as Error)
    }
  }

  async close(): Promise<void> {
    this.#closing.close()
    this.#sender.close()
  }

  async #deliver(): Promise<void> {
    this.#accumulator.sealAll()
    this.#sender.drain()
    await this.#sender.delivered()
  }

  /**
   * Drops what is not acknowledged, once no request is under way: a batch that reaches its leader
   * after the abort marker would open a transaction that nobody ends.
   */
  async #dropAll(): Promise<void> {
    this.#sender.halt()
    await this.#registration.settled()
    await this.#sender.quiet()
    this.#closing.check()
    this.#sender.reset()
  }

  async #endAborted(): Promise<void> {
    if (!this.#registration.isExpected) return
    try {
      await this.#coordinator.end(this.#identity, false)
    } catch (error) {
      // No request that put something into the transaction was ever answered with success: the
      // coordinator may know of no transaction (INVALID_TXN_STATE), or have forgotten an id that
      // was not used for days (INVALID_PRODUCER_ID_MAPPING).
      const isUnknown = isMillraceError(error) && unknownTransaction.has(error.code)
      if (!isUnknown || this.#registration.isConfirmed) throw error
    }
  }

  async #identify(): Promise<void> {
    this.#identity = await this.#coordinator.initProducerId(this.#identity)
    this.#accumulator.identify(this.#identity)
  }

  #break(error: Error): Error {
    if (this.#closing.isClosed) return closedError()
    const broken = isRetriableError(error) ? outOfTimeError(error) : error
    this.#fail(broken)
    return broken
  }

  #fail(error: Error): void {
    this.#state.breakBy(error)
    this.#sender.fail(error)
  }
}

const unknownTransaction: ReadonlySet<string> = new Set([
  'MILLRACE_KAFKA_ABORTABLE',
  'MILLRACE_KAFKA_FATAL',
])

/** Repeating the same may still help: the time was up, or the client was closed. */
function isPassing(error: unknown): boolean {
  return (
    isRetriableError(error) || (isMillraceError(error) && error.code === 'MILLRACE_KAFKA_CLOSED')
  )
}

function outOfTimeError(cause: Error): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_ABORTABLE', {
    message: 'a request of the transaction did not succeed in time',
    cause,
  })
}

function undecidedError(cause: unknown): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_COMMIT_UNDECIDED', {
    message: 'the answer to the commit did not come',
    cause,
  })
}
