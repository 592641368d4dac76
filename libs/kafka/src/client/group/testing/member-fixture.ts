import type { TopicPartition } from '@millrace/record'
import type {
  Assignor,
  GroupListener,
  GroupMember,
  GroupMemberOptions,
} from '../../../ports/group.ts'
import { createGroupMember } from '../create-group-member.ts'
import { ManualClock } from './manual-clock.ts'
import { ScriptedCoordinator } from './scripted-coordinator.ts'

/** Gives every partition of every topic to the first member; enough where one member is looked at. */
export const allToFirst: Assignor = {
  name: 'all-to-first',
  assign(subscribers, partitionCounts) {
    const partitions = [...partitionCounts].flatMap(([topic, count]) => partitionsOf(topic, count))
    return new Map(
      subscribers.map(({ memberId }, index) => [
        memberId,
        {
          partitions: index === 0 ? partitions : [],
          userData: Buffer.from(`plan for ${memberId}`),
        },
      ]),
    )
  },
}

export function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

/** A member against a scripted coordinator; `calls` tells what the listener was called with. */
export class MemberFixture {
  readonly clock = new ManualClock()
  readonly coordinator = new ScriptedCoordinator()
  readonly calls: string[] = []
  readonly fatal: Error[] = []
  readonly counts = new Map([['orders', 2]])
  /** Replaces what a callback does after it is noted. */
  readonly react: Partial<Omit<GroupListener, 'onFatal'>> = {}
  readonly member: GroupMember

  constructor(options: Partial<GroupMemberOptions> = {}) {
    this.member = createGroupMember({
      transport: this.coordinator.transport,
      coordinator: this.coordinator.lookup,
      metadata: { partitionCounts: async () => new Map(this.counts) },
      clock: this.clock,
      logger: { debug() {}, warn() {} },
      options: {
        groupId: 'billing',
        topics: ['orders'],
        assignor: allToFirst,
        listener: this.#listener(),
        userData: () => Buffer.from('standby'),
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 1_000,
        rebalanceTimeoutMs: 20_000,
        ...options,
      },
    })
  }

  async joined(): Promise<void> {
    this.member.start()
    await this.until(() => this.calls.some((call) => call.startsWith('assigned')))
  }

  until(condition: () => boolean): Promise<void> {
    return this.clock.advanceUntil(condition)
  }

  untilCalled(call: string): Promise<void> {
    return this.until(() => this.calls.includes(call))
  }

  #listener(): GroupListener {
    return {
      onRejoin: async () => {
        this.calls.push('rejoin')
        await this.react.onRejoin?.()
      },
      onRevoked: async (partitions) => {
        this.calls.push(`revoked ${shown(partitions)}`)
        await this.react.onRevoked?.(partitions)
      },
      onAssigned: async (partitions, userData) => {
        this.calls.push(`assigned ${shown(partitions)}`)
        await this.react.onAssigned?.(partitions, userData)
      },
      onLost: async (partitions) => {
        this.calls.push(`lost ${shown(partitions)}`)
        await this.react.onLost?.(partitions)
      },
      onFatal: (error) => {
        this.calls.push('fatal')
        this.fatal.push(error)
      },
    }
  }
}

function shown(partitions: readonly TopicPartition[]): string {
  return partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ') || 'nothing'
}
