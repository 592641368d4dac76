import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { CommittedOffset } from '../../ports/cluster.ts'
import type { GroupMetadata } from '../../ports/group.ts'
import type { PartitionError } from '../../ports/transport.ts'
import { errorFor, kafkaErrorName, transactionErrorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import type { Closing } from '../closing.ts'
import type { Connection } from '../connection.ts'
import type { CoordinatorKind } from '../coordinator-cache.ts'
import type { ProducerIdentity } from '../produce/producer-identity.ts'
import { backoffMs, retry } from '../retry.ts'

export interface TransactionCoordinatorOptions {
  readonly connection: Connection
  readonly closing: Closing
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  /** How long one request is repeated. */
  readonly timeoutMs: number
}

/** In AddPartitionsToTxn v1 the partitions beside a failed one. */
const operationNotAttempted = 55

/**
 * The requests of one transactional id, each repeated with the same content until it is answered
 * for good or the time is up. All of them may be repeated: the coordinators recognise repetitions.
 */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
  }

  /** With `noIdentity` fences whoever had the id; with the current identity raises its epoch (KIP-360). */
  async initProducerId(identity: ProducerIdentity): Promise<ProducerIdentity> {
    const { connection, transactionalId, transactionTimeoutMs } = this.#options
    const answer = await this.#ask(
      `initialising transactional id ${transactionalId}`,
      (nodeId) =>
        connection.transport.initProducerId(nodeId, {
          transactionalId,
          transactionTimeoutMs,
          ...identity,
        }),
      ({ errorCode }) => errorCode,
    )
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  }

  async addPartitions(
    identity: ProducerIdentity,
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    const { connection, transactionalId } = this.#options
    await this.#ask(
      `adding ${partitions.length} partitions to the transaction of ${transactionalId}`,
      async (nodeId) => {
        const request = { transactionalId, ...identity, partitions }
        const answers = await connection.transport.addPartitionsToTxn(nodeId, request)
        this.#refuseMissing(answers)
        refuseForbidden(answers)
        return answers
      },
      firstCode,
    )
  }

  /** A topic that was deleted stays away: without this it would be asked for until the time is up. */
  #refuseMissing(answers: readonly PartitionError[]): void {
    const { metadata } = this.#options.connection
    for (const { topic, errorCode } of answers) {
      if (errorCode !== kafkaError.UNKNOWN_TOPIC_OR_PARTITION) continue
      metadata.refreshSoon(topic)
      const error = metadata.topicError(topic)
      if (error !== null) throw error
    }
  }

  async addGroup(identity: ProducerIdentity, groupId: string): Promise<void> {
    const { connection, transactionalId } = this.#options
    await this.#ask(
      `adding group ${groupId} to the transaction of ${transactionalId}`,
      (nodeId) =>
        connection.transport.addOffsetsToTxn(nodeId, { transactionalId, ...identity, groupId }),
      ({ errorCode }) => errorCode,
    )
  }

  /** Goes to the group's coordinator, which fences by member id and generation (KIP-447). */
  async commitOffsets(
    identity: ProducerIdentity,
    offsets: readonly CommittedOffset[],
    group: GroupMetadata,
  ): Promise<void> {
    const { connection, transactionalId } = this.#options
    await this.#ask(
      `committing offsets of group ${group.groupId} in the transaction of ${transactionalId}`,
      (nodeId) =>
        connection.transport.txnOffsetCommit(nodeId, {
          transactionalId,
          ...identity,
          ...group,
          offsets,
        }),
      firstCode,
      { kind: 'group', key: group.groupId },
    )
  }

  async end(identity: ProducerIdentity, isCommit: boolean): Promise<void> {
    const { connection, transactionalId } = this.#options
    await this.#ask(
      `${isCommit ? 'committing' : 'aborting'} the transaction of ${transactionalId}`,
      (nodeId) => connection.transport.endTxn(nodeId, { transactionalId, ...identity, isCommit }),
      ({ errorCode }) => errorCode,
    )
  }

  async #ask<T>(
    doing: string,
    request: (nodeId: number) => Promise<T>,
    codeOf: (answer: T) => number,
    to: { readonly kind: CoordinatorKind; readonly key: string } = {
      kind: 'transaction',
      key: this.#options.transactionalId,
    },
  ): Promise<T> {
    const { connection, closing, timeoutMs } = this.#options
    let code: number = kafkaError.NONE
    const delayMs = (failures: number) =>
      code === kafkaError.CONCURRENT_TRANSACTIONS
        ? concurrentDelayMs(failures)
        : backoffMs(failures)
    return retry({ clock: connection.clock, closing, timeoutMs, delayMs }, async () => {
      code = kafkaError.NONE
      const answer = await connection.coordinators.call(to.kind, to.key, request, (answered) => [
        codeOf(answered),
      ])
      code = codeOf(answer)
      if (code !== kafkaError.NONE) throw requestError(code, doing)
      return answer
    })
  }
}

/** Says which topics; the answer has them all, those that were let in and those that were not tried. */
function refuseForbidden(answers: readonly PartitionError[]): void {
  const forbidden = answers.filter(
    ({ errorCode }) => errorCode === kafkaError.TOPIC_AUTHORIZATION_FAILED,
  )
  if (forbidden.length === 0) return
  const topics = [...new Set(forbidden.map(({ topic }) => topic))].join(', ')
  throw errorFor(kafkaError.TOPIC_AUTHORIZATION_FAILED, `writing to ${topics}`)
}

/** The coordinator is still writing the markers of the transaction before, which takes milliseconds. */
function concurrentDelayMs(failures: number): number {
  return Math.min(10 * failures, 20)
}

function firstCode(answers: readonly PartitionError[]): number {
  const failed = answers.filter(({ errorCode }) => errorCode !== kafkaError.NONE)
  return (
    (failed.find(({ errorCode }) => errorCode !== operationNotAttempted) ?? failed[0])?.errorCode ??
    kafkaError.NONE
  )
}

function requestError(code: number, doing: string): MillraceError {
  if (!groupMovedOn.has(code)) return transactionErrorFor(code, doing)
  return new MillraceError('MILLRACE_KAFKA_ABORTABLE', {
    message: `${doing}: ${kafkaErrorName(code)} (${code})`,
    recovery: 'rejoin',
    remedy: 'None needed: the transaction is aborted and the member joins the group again.',
  })
}

/** The generation is over: the transaction ends, the producer can go on. */
const groupMovedOn: ReadonlySet<number> = new Set([
  kafkaError.ILLEGAL_GENERATION,
  kafkaError.UNKNOWN_MEMBER_ID,
  kafkaError.REBALANCE_IN_PROGRESS,
])
