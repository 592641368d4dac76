import type { TopicPartition } from '@millrace/record'
import type { CancelTimer } from '@millrace/time'
import type { Isolation } from '../../ports/cluster.ts'
import type { FetchPartitionAnswer } from '../../ports/transport.ts'
import { errorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import type { Connection } from '../connection.ts'
import { noLeader } from '../metadata/topic-metadata.ts'
import { partitionName } from '../partition-name.ts'
import { backoffMs, isRetriableError } from '../retry.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import type { FetchPlan } from './fetch-plan.ts'

export interface LeaderLoopOptions {
  readonly connection: Connection
  readonly nodeId: number
  readonly isolation: Isolation
  /** Called with each answer that still fits its partition's position. */
  readonly onAnswer: (partition: AssignedPartition, answer: FetchPartitionAnswer) => void
  /** Called with what repeating cannot mend. */
  readonly onError: (error: Error) => void
  /** Called when the loop can take the next plan. */
  readonly onIdle: () => void
}

/** Fetches from one leader: one request at a time, and a growing pause after a failed one. */
export class LeaderLoop {
  readonly #options: LeaderLoopOptions
  #plan: FetchPlan | null = null
  #failures = 0
  #cancelPause: CancelTimer | null = null
  #isStopped = false

  constructor(options: LeaderLoopOptions) {
    this.#options = options
  }

  get isIdle(): boolean {
    return this.#plan === null && this.#cancelPause === null
  }

  /** What the fetch under way may bring. */
  get reservedBytes(): number {
    return this.#plan?.maxBytes ?? 0
  }

  start(plan: FetchPlan): void {
    this.#plan = plan
    void this.#fetch(plan)
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelPause?.()
  }

  async #fetch(plan: FetchPlan): Promise<void> {
    const { connection, nodeId, isolation } = this.#options
    const { partitions, maxBytes, maxWaitMs } = plan
    const asked = new Map(
      partitions.map((partition) => [partitionName(partition), ask(partition, nodeId)]),
    )
    try {
      const answer = await connection.transport.fetch(nodeId, {
        isolation,
        maxWaitMs,
        minBytes: 1,
        maxBytes,
        partitions: partitions.map(({ topic, partition, offset }) => ({
          topic,
          partition,
          offset,
          leaderEpoch: connection.metadata.leaderEpoch(topic, partition),
          maxBytes: plan.partitionMaxBytes,
        })),
      })
      if (answer.errorCode !== kafkaError.NONE)
        throw errorFor(answer.errorCode, `fetching from broker ${nodeId}`)
      this.#failures = 0
      this.#settle(asked, answer.partitions)
    } catch (error) {
      this.#settle(asked, [])
      this.#fail(error, partitions)
    }
    this.#plan = null
    if (!this.#isStopped) this.#options.onIdle()
  }

  /** Frees the partitions asked for and hands on the answers that came in time for their positions. */
  #settle(asked: ReadonlyMap<string, Asked>, answers: readonly FetchPartitionAnswer[]): void {
    const current = new Set<AssignedPartition>()
    for (const { partition, epoch } of asked.values()) {
      if (partition.epoch !== epoch) continue
      partition.askedOf = noLeader
      current.add(partition)
    }
    if (this.#isStopped) return
    for (const answer of answers) {
      const partition = asked.get(partitionName(answer))?.partition
      if (partition !== undefined && current.has(partition))
        this.#options.onAnswer(partition, answer)
    }
  }

  #fail(error: unknown, partitions: readonly TopicPartition[]): void {
    if (this.#isStopped) return
    const { connection, nodeId, onError, onIdle } = this.#options
    if (!isRetriableError(error)) return onError(error as Error)
    this.#failures++
    const delayMs = backoffMs(this.#failures)
    connection.logger.debug({ err: error, nodeId, delayMs }, 'fetch failed; trying again')
    for (const { topic } of partitions) connection.metadata.refreshSoon(topic)
    this.#cancelPause = connection.clock.setTimer(delayMs, () => {
      this.#cancelPause = null
      onIdle()
    })
  }
}

interface Asked {
  readonly partition: AssignedPartition
  readonly epoch: number
}

function ask(partition: AssignedPartition, nodeId: number): Asked {
  partition.askedOf = nodeId
  return { partition, epoch: partition.epoch }
}
