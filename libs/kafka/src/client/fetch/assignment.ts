import type { TopicPartition } from '@millrace/record'
import type { PartitionOffset } from '../../ports/cluster.ts'
import type { FetchedPartition } from '../../ports/fetcher.ts'
import { partitionName } from '../partition-name.ts'
import { AssignedPartition } from './assigned-partition.ts'
import type { FetchedAnswer } from './fetched-answer.ts'

/** The partitions of one fetcher, those first that have gone longest without data. */
export class Assignment {
  readonly #partitions = new Map<string, AssignedPartition>()

  get size(): number {
    return this.#partitions.size
  }

  values(): Iterable<AssignedPartition> {
    return this.#partitions.values()
  }

  get(at: TopicPartition): AssignedPartition | undefined {
    return this.#partitions.get(partitionName(at))
  }

  /** Adds, or moves what is there. */
  place({ topic, partition, offset }: PartitionOffset): void {
    const known = this.get({ topic, partition })
    if (known !== undefined) known.moveTo(offset)
    else
      this.#partitions.set(
        partitionName({ topic, partition }),
        new AssignedPartition(topic, partition, offset),
      )
  }

  keepOnly(wanted: readonly TopicPartition[]): void {
    const names = new Set(wanted.map(partitionName))
    for (const [name, partition] of this.#partitions) {
      if (!names.has(name)) this.remove(partition)
    }
  }

  remove(at: TopicPartition): void {
    const name = partitionName(at)
    this.#partitions.get(name)?.disown()
    this.#partitions.delete(name)
  }

  /**
   * To the end of the order. The broker fills an answer in the order asked, and only the first
   * partition with data gets a batch that is larger than its limit: everyone's turn comes.
   */
  moveToEnd(partition: AssignedPartition): void {
    const name = partitionName(partition)
    this.#partitions.delete(name)
    this.#partitions.set(name, partition)
  }

  bufferedBytes(): { readonly all: number; readonly pollable: number } {
    let all = 0
    let pollable = 0
    for (const { bufferedBytes, isPaused } of this.#partitions.values()) {
      all += bufferedBytes
      if (!isPaused) pollable += bufferedBytes
    }
    return { all, pollable }
  }

  get hasPollable(): boolean {
    for (const { isPaused, hasAnswer, error } of this.#partitions.values()) {
      if (!isPaused && (hasAnswer || error !== null)) return true
    }
    return false
  }

  /** The error of a partition from which nothing is left to poll. */
  dueError(): Error | null {
    for (const { isPaused, hasAnswer, error } of this.#partitions.values()) {
      if (error !== null && !isPaused && !hasAnswer) return error
    }
    return null
  }

  /** Takes the first answer of each partition. One that cannot be read becomes its partition's error. */
  takeFirst(read: (fetched: FetchedAnswer) => FetchedPartition): FetchedPartition[] {
    const taken: FetchedPartition[] = []
    for (const partition of this.#partitions.values()) {
      if (partition.isPaused || !partition.hasAnswer) continue
      try {
        taken.push(read(partition.first()))
        partition.shift()
      } catch (error) {
        partition.fail(error as Error)
      }
    }
    return taken
  }
}
