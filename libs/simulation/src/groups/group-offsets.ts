import type { CommittedOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../api.ts'

interface KeptOffset {
  readonly offset: number
  readonly metadata?: string | undefined
}

/** A group's committed offsets, and those that undecided transactions would commit. */
export class GroupOffsets {
  readonly #committed = new Map<string, KeptOffset>()
  /** By producer id. */
  readonly #pending = new Map<number, Map<string, KeptOffset>>()

  /** -1 where none is committed. */
  committed(at: TopicPartition): number {
    return this.#committed.get(partitionKey(at))?.offset ?? -1
  }

  metadata(at: TopicPartition): string | undefined {
    return this.#committed.get(partitionKey(at))?.metadata
  }

  commit(offsets: readonly CommittedOffset[]): void {
    for (const at of offsets) this.#committed.set(partitionKey(at), at)
  }

  /** Holds offsets back until the producer's transaction is decided. */
  addPending(producerId: number, offsets: readonly CommittedOffset[]): void {
    const held = this.#pending.get(producerId) ?? new Map<string, KeptOffset>()
    for (const at of offsets) held.set(partitionKey(at), at)
    this.#pending.set(producerId, held)
  }

  hasPending(at: TopicPartition): boolean {
    const key = partitionKey(at)
    return [...this.#pending.values()].some((held) => held.has(key))
  }

  decide(producerId: number, isCommit: boolean): void {
    const held = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    if (!isCommit || held === undefined) return
    for (const [key, offset] of held) this.#committed.set(key, offset)
  }

  /** Forgets the offsets of a deleted topic. */
  forgetTopic(topic: string): void {
    for (const key of [...this.#committed.keys()]) {
      if (key.slice(0, key.lastIndexOf('-')) === topic) this.#committed.delete(key)
    }
  }
}
