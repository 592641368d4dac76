import { assert, isMillraceError, MillraceError } from '@millrace/errors'
import type { JoinGroupAnswer, SyncGroupRequest } from '../../ports/transport.ts'
import { errorFor } from '../../wire/classify.ts'
import { backoffMs, isRetriableError } from '../retry.ts'
import {
  type Assignment,
  decodeAssignment,
  encodeSubscription,
} from './assignment/consumer-protocol.ts'
import { planAssignments, readMembers, topicsOf } from './assignment/leader.ts'
import { PartitionSet } from './assignment/partition-set.ts'
import { askCoordinator, type Reply } from './coordinator/ask-coordinator.ts'
import type { GroupMemberDependencies } from './dependencies.ts'
import { Interrupted, type Interruptions } from './interruptions.ts'
import type { MemberState } from './member-state.ts'
import type { Session } from './session.ts'
import type { GroupSettings } from './settings.ts'
import type { TopicWatch } from './topic-watch.ts'

export interface RebalanceParts {
  readonly dependencies: GroupMemberDependencies
  readonly settings: GroupSettings
  readonly session: Session
  readonly owned: PartitionSet
  readonly interruptions: Interruptions
  readonly watch: TopicWatch
}

/** The work of each state of `member-state.ts`, in their order; each resolves to the next state. */
export class Rebalance {
  readonly #parts: RebalanceParts
  #failures = 0
  #joined: JoinGroupAnswer | null = null
  #watched: { topics: readonly string[]; counts: ReadonlyMap<string, number> | null } | null = null
  #assignment: Assignment | null = null

  constructor(parts: RebalanceParts) {
    this.#parts = parts
  }

  async unjoined(): Promise<MemberState> {
    const { owned, interruptions, dependencies } = this.#parts
    const { listener } = dependencies.options
    interruptions.lossSeen()
    this.#parts.watch.stop()
    const lost = owned.values()
    owned.clear()
    if (lost.length > 0) await this.#call(() => listener.onLost(lost))
    interruptions.check()
    return 'joining'
  }

  async joining(): Promise<MemberState> {
    const { owned, session, settings, interruptions, dependencies } = this.#parts
    const { listener, groupId } = dependencies.options
    interruptions.joinBegun()
    this.#parts.watch.stop()
    if (owned.size > 0) await this.#call(async () => listener.onRejoin?.())
    interruptions.check()
    const { outcome, errorCode, answer } = await this.#held(
      askCoordinator(dependencies, settings.heldRequestTimeoutMs, (nodeId) =>
        dependencies.transport.joinGroup(nodeId, this.#joinRequest()),
      ),
    )
    switch (outcome) {
      case 'ok':
        session.joined(answer.memberId, answer.generation)
        this.#joined = answer
        return 'syncing'
      case 'id-required':
        session.named(answer.memberId)
        return 'joining'
      case 'again':
      case 'moved':
      case 'rebalance':
        return this.#joinAgainLater()
      case 'generation-over':
      case 'unknown-member':
      case 'fenced':
      case 'refused':
        return this.#ended({ outcome, errorCode, answer }, `joining group ${groupId}`)
    }
  }

  async syncing(): Promise<MemberState> {
    const { session, settings, owned, dependencies } = this.#parts
    const { groupId } = dependencies.options
    const assignments = await this.#assignments()
    const request: SyncGroupRequest = { ...session.identity(), assignments }
    const { outcome, errorCode, answer } = await this.#held(
      askCoordinator(dependencies, settings.heldRequestTimeoutMs, (nodeId) =>
        dependencies.transport.syncGroup(nodeId, request),
      ),
    )
    switch (outcome) {
      case 'ok':
        session.assigned()
        this.#failures = 0
        this.#assignment = readAssignment(answer.assignment)
        return owned.minus(new PartitionSet(this.#assignment.partitions)).length > 0
          ? 'revoking'
          : 'stable'
      case 'rebalance':
        return 'joining'
      case 'again':
      case 'moved':
        return this.#joinAgainLater()
      case 'id-required':
      case 'generation-over':
      case 'unknown-member':
      case 'fenced':
      case 'refused':
        return this.#ended({ outcome, errorCode, answer }, `syncing with group ${groupId}`)
    }
  }

  async revoking(): Promise<MemberState> {
    const { owned, interruptions, dependencies } = this.#parts
    const revoked = owned.minus(new PartitionSet(this.#currentAssignment().partitions))
    await this.#call(() => dependencies.options.listener.onRevoked(revoked))
    for (const partition of revoked) owned.delete(partition)
    interruptions.check()
    // Those who are to have them get them only in a further round.
    interruptions.wantRejoin('partitions were given up')
    return 'stable'
  }

  async stable(): Promise<MemberState> {
    const { owned, interruptions, dependencies } = this.#parts
    const { partitions, userData } = this.#currentAssignment()
    const added = new PartitionSet(partitions).minus(owned)
    // Owned before the callback: what is lost meanwhile has to be reported lost with the rest.
    for (const partition of added) owned.add(partition)
    await this.#call(() => dependencies.options.listener.onAssigned(added, userData))
    interruptions.check()
    if (this.#watched !== null) this.#parts.watch.start(this.#watched.topics, this.#watched.counts)
    await interruptions.untilRejoinWanted()
    return 'joining'
  }

  #joinRequest() {
    const { session, settings, owned, dependencies } = this.#parts
    const { options } = dependencies
    const metadata = encodeSubscription({
      topics: options.topics,
      userData: options.userData(),
      ownedPartitions: owned.values(),
      generation: session.assignedGeneration,
    })
    return {
      groupId: session.groupId,
      memberId: session.memberId,
      groupInstanceId: session.groupInstanceId,
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: settings.rebalanceTimeoutMs,
      protocolType: 'consumer',
      protocols: [{ name: options.assignor.name, metadata }],
    }
  }

  /** The leader's plan for everybody; nothing from a follower. */
  async #assignments(): Promise<SyncGroupRequest['assignments']> {
    const { session, dependencies } = this.#parts
    const { options, logger } = dependencies
    assert(this.#joined !== null, 'a member syncs after it has joined')
    const { leaderId, members } = this.#joined
    // A static member that comes back finds its old assignment. Should it lead, the answer names
    // its former id or no members (before JoinGroup v9): it follows, and keeps an eye on the topics.
    if (leaderId !== session.memberId || members.length === 0) {
      this.#watched =
        session.groupInstanceId === null ? null : { topics: options.topics, counts: null }
      return []
    }
    const readable = readMembers(members, logger)
    const topics = topicsOf(readable)
    const counts = await this.#partitionCounts(topics)
    this.#watched = { topics, counts }
    return planAssignments(readable, options.assignor, counts)
  }

  async #partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { interruptions, dependencies } = this.#parts
    for (;;) {
      interruptions.check()
      try {
        return await interruptions.until(dependencies.metadata.partitionCounts(topics))
      } catch (error) {
        if (!isRetriableError(error)) throw error
        await this.#backOff()
      }
    }
  }

  async #held<T>(request: Promise<T>): Promise<T> {
    const { session, interruptions } = this.#parts
    const answer = await interruptions.until(session.held(request))
    interruptions.check()
    return answer
  }

  /** Acts on an answer that ends the membership or the member. Always throws. */
  async #ended({ outcome, errorCode }: Reply<unknown>, doing: string): Promise<never> {
    const { interruptions } = this.#parts
    interruptions.report(outcome, errorCode, doing)
    if (!interruptions.isLost) throw errorFor(errorCode, doing)
    await this.#backOff()
    throw new Interrupted()
  }

  async #joinAgainLater(): Promise<MemberState> {
    await this.#backOff()
    return 'joining'
  }

  #backOff(): Promise<void> {
    this.#failures += 1
    return this.#parts.interruptions.pause(backoffMs(this.#failures))
  }

  #currentAssignment(): Assignment {
    assert(this.#assignment !== null, 'a member has an assignment after it has synced')
    return this.#assignment
  }

  /**
   * Awaits the listener. Its errors: `retry` is left to the listener's next call, `rejoin` is a
   * membership that is over, and anything else is the end of the member.
   */
  async #call(callback: () => Promise<void>): Promise<void> {
    const { interruptions, dependencies } = this.#parts
    try {
      await interruptions.until(callback())
    } catch (error) {
      if (error instanceof Interrupted || !isMillraceError(error)) throw error
      if (error.recovery !== 'retry' && error.recovery !== 'rejoin') throw error
      dependencies.logger.warn({ err: error }, 'a group listener failed')
      if (error.recovery === 'retry') return
      interruptions.lose('the listener found the generation over', { forgetMemberId: false })
      throw new Interrupted()
    }
  }
}

function readAssignment(buffer: Buffer): Assignment {
  try {
    return decodeAssignment(buffer)
  } catch (cause) {
    throw new MillraceError('MILLRACE_KAFKA_UNSUPPORTED', {
      message: 'the group leader sent an assignment that cannot be read',
      cause,
    })
  }
}
