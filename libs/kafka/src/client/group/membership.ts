import { assert } from '@millrace/errors'
import type { CommittedOffset } from '../../ports/cluster.ts'
import type { GroupMember, GroupMetadata } from '../../ports/group.ts'
import type { MemberIdentity } from '../../ports/transport.ts'
import { backoffMs } from '../retry.ts'
import { PartitionSet } from './assignment/partition-set.ts'
import { askCoordinator } from './coordinator/ask-coordinator.ts'
import { beat } from './coordinator/heartbeat.ts'
import { commitOffsets } from './coordinator/offset-commit.ts'
import type { GroupMemberDependencies } from './dependencies.ts'
import { Interrupted, Interruptions } from './interruptions.ts'
import { assertLegal, hasEnded, type MemberState } from './member-state.ts'
import { Rebalance } from './rebalance.ts'
import { Session } from './session.ts'
import type { GroupSettings } from './settings.ts'
import { Signal } from './signal.ts'
import { Ticker } from './ticker.ts'
import { TopicWatch } from './topic-watch.ts'

/**
 * One loop walks the states of `member-state.ts` and is the only caller of the listener. The
 * heartbeat timer, commits and the topic watch run beside it and leave notes (`Interruptions`).
 */
export class Membership implements GroupMember {
  readonly #dependencies: GroupMemberDependencies
  readonly #settings: GroupSettings
  readonly #session: Session
  readonly #owned = new PartitionSet()
  readonly #interruptions: Interruptions
  readonly #watch: TopicWatch
  readonly #rebalance: Rebalance
  readonly #heartbeat: Ticker
  #state: MemberState = 'unjoined'
  #isStarted = false
  #beatsMissed = 0
  #left: Promise<void> | null = null

  constructor(dependencies: GroupMemberDependencies, settings: GroupSettings) {
    const { clock, logger, metadata, options } = dependencies
    const { groupId, groupInstanceId = null } = options
    this.#dependencies = dependencies
    this.#settings = settings
    const session = new Session({ groupId, groupInstanceId }, settings.sessionTimeoutMs, clock)
    const interruptions = new Interruptions(session, clock, logger)
    const watch = new TopicWatch({
      metadata,
      clock,
      logger,
      intervalMs: settings.topicCheckIntervalMs,
      onChange: () => interruptions.wantRejoin('partition counts changed'),
    })
    this.#session = session
    this.#interruptions = interruptions
    this.#watch = watch
    const owned = this.#owned
    this.#rebalance = new Rebalance({
      dependencies,
      settings,
      session,
      owned,
      interruptions,
      watch,
    })
    this.#heartbeat = new Ticker(clock, settings.heartbeatIntervalMs, () => this.#beat())
  }

  start(): void {
    assert(!this.#isStarted && this.#state === 'unjoined', 'a group member is started once')
    this.#isStarted = true
    this.#heartbeat.start()
    this.#run().catch((error: unknown) => this.#die(error))
  }

  metadata(): GroupMetadata {
    return this.#session.metadata()
  }

  silentMs(): number {
    return this.#session.silentMs()
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return
    const parts = {
      dependencies: this.#dependencies,
      session: this.#session,
      owned: this.#owned,
      interruptions: this.#interruptions,
      isJoining: () => this.#state === 'syncing' || this.#session.isHeld,
    }
    await commitOffsets(parts, this.#settings.commitTimeoutMs, offsets)
  }

  rejoin(): void {
    this.#interruptions.wantRejoin('asked to')
  }

  leave({ leaveGroup }: { readonly leaveGroup: boolean }): Promise<void> {
    this.#left ??= this.#leave(leaveGroup)
    return this.#left
  }

  async #run(): Promise<void> {
    while (!hasEnded(this.#state)) {
      try {
        this.#enter(await this.#step())
      } catch (error) {
        if (hasEnded(this.#state)) return
        if (!(error instanceof Interrupted)) throw error
        if (!this.#interruptions.isLost) throw this.#interruptions.fatal
        this.#enter('unjoined')
      }
    }
  }

  #step(): Promise<MemberState> {
    const state = this.#state
    assert(state !== 'leaving' && state !== 'dead', 'a member that has ended takes no step')
    return this.#rebalance[state]()
  }

  #enter(next: MemberState): void {
    // It left while its last step was under way.
    if (hasEnded(this.#state) && !hasEnded(next)) return
    assertLegal(this.#state, next)
    this.#state = next
  }

  /** The time until the next, where that is not the interval: the session time-out runs on meanwhile. */
  async #beat(): Promise<number | undefined> {
    try {
      const news = await beat(this.#session, this.#dependencies)
      if (news === null || hasEnded(this.#state)) return
      // In the other states the rebalance is known, and a join will answer it.
      if (news.outcome === 'rebalance' && this.#state === 'stable') {
        this.#interruptions.wantRejoin('the group rebalances')
      }
      this.#interruptions.report(
        news.outcome,
        news.errorCode,
        `heartbeat to group ${this.#session.groupId}`,
      )
      const isMissed = news.outcome === 'moved' || news.outcome === 'again'
      this.#beatsMissed = isMissed ? this.#beatsMissed + 1 : 0
      if (isMissed) return backoffMs(this.#beatsMissed)
    } catch (error) {
      this.#interruptions.fail(error)
    }
  }

  #die(error: unknown): void {
    if (hasEnded(this.#state)) return
    this.#enter('dead')
    this.#stop()
    const { logger, options } = this.#dependencies
    try {
      options.listener.onFatal(error instanceof Error ? error : new Error(String(error)))
    } catch (failure) {
      logger.warn({ err: failure }, 'a group listener failed')
    }
  }

  #stop(): void {
    this.#interruptions.stop()
    this.#heartbeat.stop()
    this.#watch.stop()
  }

  async #leave(leaveGroup: boolean): Promise<void> {
    if (this.#state !== 'dead') this.#enter('leaving')
    this.#stop()
    const identity = this.#session.identity()
    this.#session.ended({ forgetMemberId: true })
    // Without a member id there is nothing to leave; by its instance id alone a fenced member
    // would throw out the one that fenced it.
    if (leaveGroup && identity.memberId !== '') await this.#sendLeave(identity)
    this.#enter('dead')
  }

  /** Tries for a while; a coordinator that is not told finds out by the session time-out. */
  async #sendLeave(identity: MemberIdentity): Promise<void> {
    const { transport, clock, logger } = this.#dependencies
    const giveUpAtMs = clock.monotonicMs() + this.#settings.leaveTimeoutMs
    try {
      for (let failures = 1; clock.monotonicMs() < giveUpAtMs; failures++) {
        const { outcome } = await askCoordinator(
          this.#dependencies,
          giveUpAtMs - clock.monotonicMs(),
          (nodeId) => transport.leaveGroup(nodeId, identity),
        )
        if (outcome !== 'moved' && outcome !== 'again') return
        await new Signal().waitUpTo(backoffMs(failures), clock)
      }
      logger.warn(
        { groupId: identity.groupId },
        'the coordinator was not told that the member leaves',
      )
    } catch (error) {
      logger.warn({ groupId: identity.groupId, err: error }, 'leaving the group failed')
    }
  }
}
