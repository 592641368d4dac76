import type { TopicPartition } from '@millrace/record'
import { partitionName } from '../../partition-name.ts'

/** Partitions without repetition, in the order they were added. */
export class PartitionSet {
  readonly #byKey = new Map<string, TopicPartition>()

  constructor(partitions: Iterable<TopicPartition> = []) {
    for (const partition of partitions) this.add(partition)
  }

  get size(): number {
    return this.#byKey.size
  }

  has(partition: TopicPartition): boolean {
    return this.#byKey.has(partitionName(partition))
  }

  add({ topic, partition }: TopicPartition): void {
    this.#byKey.set(partitionName({ topic, partition }), { topic, partition })
  }

  delete(partition: TopicPartition): void {
    this.#byKey.delete(partitionName(partition))
  }

  clear(): void {
    this.#byKey.clear()
  }

  values(): readonly TopicPartition[] {
    return [...this.#byKey.values()]
  }

  /** What is here and not there. */
  minus(other: PartitionSet): readonly TopicPartition[] {
    return this.values().filter((partition) => !other.has(partition))
  }
}
