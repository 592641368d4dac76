import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../api.ts'

type Offsets = readonly (TopicPartition & { readonly offset: number })[]

/** A group's committed offsets, and those that undecided transactions would commit. */
export class GroupOffsets {
  readonly #committed = new Map<string, number>()
  /** By producer id. */
  readonly #pending = new Map<number, Map<string, number>>()

  /** -1 where none is committed. */
  committed(at: TopicPartition): number {
    return this.#committed.get(partitionKey(at)) ?? -1
  }

  commit(offsets: Offsets): void {
    for (const at of offsets) this.#committed.set(partitionKey(at), at.offset)
  }

  /** Holds offsets back until the producer's transaction is decided. */
  addPending(producerId: number, offsets: Offsets): void {
    const held = this.#pending.get(producerId) ?? new Map<string, number>()
    for (const at of offsets) held.set(partitionKey(at), at.offset)
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
