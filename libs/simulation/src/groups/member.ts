import type { JoinGroupRequest, MemberIdentity } from '@millrace/kafka'
import type { CancelTimer } from '@millrace/time'
import type { Answer } from '../api.ts'

export type Protocols = JoinGroupRequest['protocols']

/** Settles a request that the coordinator holds. */
export type Reply<T> = (answer: T) => void

/** One member of a group, as its coordinator keeps it (Kafka's `ClassicGroupMember`). */
export class Member {
  readonly memberId: string
  readonly groupInstanceId: MemberIdentity['groupInstanceId']
  protocols: Protocols
  sessionTimeoutMs: number
  rebalanceTimeoutMs: number
  assignment: Buffer = Buffer.alloc(0)
  /** It has not yet learned of a finished rebalance, so it cannot heartbeat. */
  isNew = false
  /** The held JoinGroup; null where none is waiting. */
  heldJoin: Reply<Answer<'joinGroup'>> | null = null
  heldSync: Reply<Answer<'syncGroup'>> | null = null
  #endSession: CancelTimer | null = null

  constructor(memberId: string, from: MemberDescription) {
    this.memberId = memberId
    this.groupInstanceId = from.groupInstanceId
    this.protocols = from.protocols
    this.sessionTimeoutMs = from.sessionTimeoutMs
    this.rebalanceTimeoutMs = from.rebalanceTimeoutMs
  }

  update(from: MemberDescription): void {
    this.protocols = from.protocols
    this.sessionTimeoutMs = from.sessionTimeoutMs
    this.rebalanceTimeoutMs = from.rebalanceTimeoutMs
  }

  matches(protocols: Protocols): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, metadata }, i) => {
        const own = this.protocols[i]!
        return own.name === name && own.metadata.equals(metadata)
      })
    )
  }

  metadataFor(protocolName: string): Buffer {
    return this.protocols.find(({ name }) => name === protocolName)?.metadata ?? Buffer.alloc(0)
  }

  replyJoin(answer: Answer<'joinGroup'>): void {
    const reply = this.heldJoin
    this.heldJoin = null
    reply?.(answer)
  }

  /** True where a SyncGroup was waiting. */
  replySync(answer: Answer<'syncGroup'>): boolean {
    const reply = this.heldSync
    this.heldSync = null
    reply?.(answer)
    return reply !== null
  }

  /** A waiting member needs no heartbeat, except a new one: it may have gone before it knew its id. */
  get isExpirable(): boolean {
    return this.isNew || (this.heldJoin === null && this.heldSync === null)
  }

  /** Replaces the running session timer. */
  setSession(endSession: CancelTimer | null): void {
    this.#endSession?.()
    this.#endSession = endSession
  }
}

export interface MemberDescription {
  readonly groupInstanceId: string | null
  readonly protocols: Protocols
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}
