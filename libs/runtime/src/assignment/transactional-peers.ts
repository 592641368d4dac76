import type { AssignmentData } from './member-data.ts'

/**
 * The transactional ids of the group's members, as the last assignment named them. An id that is
 * no longer there at the next one has vanished: its owner may have left a transaction open, which
 * holds back every reader of what it wrote until somebody fences the id or it times out. Whoever
 * opens tasks fences first (KIP-447 leaves this to the time-out).
 *
 * No member needs to survive for this but one: each tells the leader at every join whom it knows.
 */
export class TransactionalPeers {
  #present: readonly string[] = []
  #vanished: ReadonlySet<string> = new Set()

  /** For the leader: present members as of the last assignment, and vanished ones not yet fenced. */
  get known(): readonly string[] {
    return [...new Set([...this.#present, ...this.#vanished])]
  }

  /** To be fenced before committed offsets are read. */
  get vanished(): readonly string[] {
    return [...this.#vanished]
  }

  assigned({ transactionalIds, vanishedTransactionalIds }: AssignmentData): void {
    this.#present = transactionalIds
    this.#vanished = new Set(vanishedTransactionalIds)
  }

  /** They are fenced, or others see to it. */
  forget(ids: readonly string[]): void {
    this.#vanished = new Set(this.vanished.filter((id) => !ids.includes(id)))
  }
}
