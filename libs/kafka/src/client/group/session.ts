import type { Clock } from '@millrace/time'
import type { GroupMetadata } from '../../ports/group.ts'
import type { MemberIdentity } from '../../ports/transport.ts'

const noGeneration = -1

/** Who the member is to the group, and whether the group still believes it to be alive. */
export class Session {
  readonly groupId: string
  readonly groupInstanceId: string | null
  readonly #timeoutMs: number
  readonly #clock: Clock
  #memberId = ''
  #generation = noGeneration
  #assignedGeneration = noGeneration
  #isHeld = false
  #contactAtMs = Number.NEGATIVE_INFINITY

  constructor(
    group: { readonly groupId: string; readonly groupInstanceId: string | null },
    timeoutMs: number,
    clock: Clock,
  ) {
    this.groupId = group.groupId
    this.groupInstanceId = group.groupInstanceId
    this.#timeoutMs = timeoutMs
    this.#clock = clock
  }

  get memberId(): string {
    return this.#memberId
  }

  get generation(): number {
    return this.#generation
  }

  get hasGeneration(): boolean {
    return this.#generation !== noGeneration
  }

  /** The generation that the owned partitions were assigned in. */
  get assignedGeneration(): number {
    return this.#assignedGeneration
  }

  /** A JoinGroup or SyncGroup is with the coordinator, which does not expire its sender. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  metadata(): GroupMetadata {
    const { groupId, memberId, generation, groupInstanceId } = this
    return { groupId, memberId, generation, groupInstanceId }
  }

  identity(): MemberIdentity {
    return this.metadata()
  }

  /** The coordinator gave out an id to join with. */
  named(memberId: string): void {
    this.#memberId = memberId
  }

  joined(memberId: string, generation: number): void {
    this.#memberId = memberId
    this.#generation = generation
    this.contacted(this.#clock.monotonicMs())
  }

  assigned(): void {
    this.#assignedGeneration = this.#generation
    this.contacted(this.#clock.monotonicMs())
  }

  /** The generation is over; after an unknown member id a new id is needed as well. */
  ended(options: { readonly forgetMemberId: boolean }): void {
    this.#generation = noGeneration
    this.#assignedGeneration = noGeneration
    if (options.forgetMemberId) this.#memberId = ''
  }

  async held<T>(request: Promise<T>): Promise<T> {
    this.#isHeld = true
    try {
      return await request
    } finally {
      this.#isHeld = false
    }
  }

  /** The coordinator accepted a request sent at this (monotonic) time. */
  contacted(sentAtMs: number): void {
    this.#contactAtMs = Math.max(this.#contactAtMs, sentAtMs)
  }

  silentMs(): number {
    return this.#clock.monotonicMs() - this.#contactAtMs
  }

  /** Until the coordinator may have expired the member, as far as this side can know; at most 0 when it may. */
  remainingMs(): number {
    return this.#contactAtMs + this.#timeoutMs - this.#clock.monotonicMs()
  }
}
