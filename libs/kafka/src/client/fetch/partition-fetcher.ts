import type { TopicPartition } from '@millrace/record'
import type { PartitionOffset } from '../../ports/cluster.ts'
import type { FetchedPartition, Fetcher, FetcherOptions } from '../../ports/fetcher.ts'
import type { FetchPartitionAnswer } from '../../ports/transport.ts'
import { errorFor, isRetriable } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { Closing } from '../closing.ts'
import type { Connection } from '../connection.ts'
import { noLeader } from '../metadata/topic-metadata.ts'
import type { AssignedPartition } from './assigned-partition.ts'
import { Assignment } from './assignment.ts'
import { planFetch } from './fetch-plan.ts'
import { deliver, locate } from './fetched-answer.ts'
import { LeaderLoop } from './leader-loop.ts'
import { questionOffset } from './out-of-range.ts'
import { Wakeup } from './wakeup.ts'

const defaults = { maxWaitMs: 500, partitionMaxBytes: 1 << 20, bufferMaxBytes: 16 << 20 }

/**
 * The port's fetcher. Everything that could make a fetch possible (a new position, a poll that made
 * room, an answer, new metadata) calls `#pump`, which starts a fetch at each leader that is idle.
 */
export class PartitionFetcher implements Fetcher {
  readonly #connection: Connection
  readonly #options: Required<FetcherOptions>
  readonly #assignment = new Assignment()
  readonly #loops = new Map<number, LeaderLoop>()
  readonly #wakeup: Wakeup
  readonly #closing = new Closing()
  readonly #forgetRefresh: () => void
  #error: Error | null = null

  constructor(connection: Connection, options: FetcherOptions) {
    this.#connection = connection
    this.#options = {
      isolation: options.isolation,
      maxWaitMs: options.maxWaitMs ?? defaults.maxWaitMs,
      partitionMaxBytes: options.partitionMaxBytes ?? defaults.partitionMaxBytes,
      bufferMaxBytes: options.bufferMaxBytes ?? defaults.bufferMaxBytes,
      verifyCrc: options.verifyCrc ?? true,
    }
    this.#wakeup = new Wakeup(connection.clock)
    this.#forgetRefresh = connection.metadata.onRefresh((error) => this.#useMetadata(error))
  }

  assign(positions: readonly PartitionOffset[]): void {
    this.#assignment.keepOnly(positions)
    this.add(positions)
  }

  add(positions: readonly PartitionOffset[]): void {
    this.#closing.check()
    for (const position of positions) this.#assignment.place(position)
    this.#pump()
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#assignment.remove(partition)
    this.#pump()
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
    this.#pump()
    if (this.#assignment.hasPollable) this.#wakeup.wake()
  }

  async poll(timeoutMs: number): Promise<readonly FetchedPartition[]> {
    this.#closing.check()
    const ready = this.#take()
    if (ready.length > 0 || timeoutMs <= 0) return ready
    await this.#wakeup.wait(timeoutMs)
    return this.#take()
  }

  wake(): void {
    this.#wakeup.wake()
  }

  async close(): Promise<void> {
    this.#closing.close()
    this.#forgetRefresh()
    this.#assignment.keepOnly([])
    for (const loop of this.#loops.values()) loop.stop()
    this.#wakeup.wake()
  }

  #setPaused(partitions: readonly TopicPartition[], isPaused: boolean): void {
    for (const at of partitions) {
      const partition = this.#assignment.get(at)
      if (partition !== undefined) partition.isPaused = isPaused
    }
  }

  #take(): FetchedPartition[] {
    this.#throwDue()
    const taken = this.#assignment.takeFirst((fetched) => deliver(fetched, this.#options.isolation))
    if (taken.length === 0) this.#throwDue()
    else this.#pump()
    return taken
  }

  #throwDue(): void {
    const error = this.#error ?? this.#assignment.dueError()
    if (error !== null) throw error
  }

  #pump(): void {
    if (this.#closing.isClosed || this.#error !== null) return
    const groups = this.#byLeader()
    const { all, pollable } = this.#assignment.bufferedBytes()
    for (const [nodeId, partitions] of groups) {
      const loop = this.#loop(nodeId)
      if (!loop.isIdle) continue
      let reservedBytes = 0
      for (const each of this.#loops.values()) reservedBytes += each.reservedBytes
      const plan = planFetch(partitions, this.#options, {
        bufferedBytes: all,
        pollableBytes: pollable,
        reservedBytes,
        partitionCount: this.#assignment.size,
        leaderCount: groups.size,
      })
      if (plan !== null) loop.start(plan)
    }
  }

  #byLeader(): Map<number, AssignedPartition[]> {
    const { metadata } = this.#connection
    const groups = new Map<number, AssignedPartition[]>()
    for (const partition of this.#assignment.values()) {
      const leader = metadata.leader(partition.topic, partition.partition)
      // The leader moved while the old one is being asked: its answer may take long to come.
      if (partition.askedOf !== noLeader && partition.askedOf !== leader) partition.disown()
      if (leader === noLeader) {
        this.#awaitMetadata(partition)
        continue
      }
      const group = groups.get(leader)
      if (group === undefined) groups.set(leader, [partition])
      else group.push(partition)
    }
    return groups
  }

  #loop(nodeId: number): LeaderLoop {
    let loop = this.#loops.get(nodeId)
    if (loop === undefined) {
      loop = new LeaderLoop({
        connection: this.#connection,
        nodeId,
        isolation: this.#options.isolation,
        onAnswer: (partition, answer) => this.#receive(partition, answer),
        onError: (error) => this.#failAll(error),
        onIdle: () => this.#pump(),
      })
      this.#loops.set(nodeId, loop)
    }
    return loop
  }

  #receive(partition: AssignedPartition, answer: FetchPartitionAnswer): void {
    const { topic, errorCode } = answer
    if (errorCode === kafkaError.NONE) this.#keep(partition, answer)
    else if (errorCode === kafkaError.OFFSET_OUT_OF_RANGE) this.#question(partition)
    else if (isRetriable(errorCode)) this.#awaitMetadata(partition)
    else
      this.#fail(
        partition,
        errorFor(errorCode, 'fetching', {
          topic,
          partition: answer.partition,
          offset: partition.offset,
        }),
      )
  }

  #keep(partition: AssignedPartition, answer: FetchPartitionAnswer): void {
    try {
      const fetched = locate(answer, partition.offset, this.#options.verifyCrc)
      partition.push(fetched)
      if (fetched.batches.length > 0) this.#assignment.moveToEnd(partition)
      if (!partition.isPaused) this.#wakeup.wake()
    } catch (error) {
      this.#fail(partition, error as Error)
    }
  }

  #awaitMetadata(partition: AssignedPartition): void {
    const error = this.#connection.metadata.topicError(partition.topic)
    if (error !== null) {
      if (partition.error === null) this.#fail(partition, error)
      return
    }
    partition.awaitsMetadata = true
    this.#connection.metadata.refreshSoon(partition.topic)
  }

  #useMetadata(error: Error | null): void {
    if (error !== null) return this.#failAll(error)
    for (const partition of this.#assignment.values()) partition.awaitsMetadata = false
    this.#pump()
  }

  #question(partition: AssignedPartition): void {
    const { epoch } = partition
    partition.isInQuestion = true
    questionOffset(this.#connection, this.#closing, partition, partition.offset).then(
      (error) => {
        if (partition.epoch !== epoch || this.#closing.isClosed) return
        partition.isInQuestion = false
        if (error === null) this.#pump()
        else this.#fail(partition, error)
      },
      (error: unknown) => {
        if (partition.epoch === epoch && !this.#closing.isClosed)
          this.#fail(partition, error as Error)
      },
    )
  }

  #fail(partition: AssignedPartition, error: Error): void {
    partition.error = error
    this.#wakeup.wake()
  }

  #failAll(error: Error): void {
    this.#error = error
    this.#wakeup.wake()
  }
}
