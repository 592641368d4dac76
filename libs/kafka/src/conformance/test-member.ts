import type { TopicPartition } from '@millrace/record'
import { partitionName } from '../client/partition-name.ts'
import type { Cluster } from '../ports/cluster.ts'
import type { Assignor, GroupListener, GroupMember, Subscriber } from '../ports/group.ts'
import type { TestClient } from './test-client.ts'

export interface MemberOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  readonly groupInstanceId?: string
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  /** What a callback does after it was noted. */
  readonly react?: Partial<Omit<GroupListener, 'onFatal'>>
}

/** A group member with a notebook: what it owns, and each call of its listener in order. */
export class TestMember {
  readonly calls: string[] = []
  readonly fatal: Error[] = []
  readonly member: GroupMember
  readonly #client: TestClient
  readonly #react: Partial<Omit<GroupListener, 'onFatal'>>
  readonly #owned = new Map<string, TopicPartition>()
  #hasLeft = false

  constructor(client: TestClient, cluster: Cluster, options: MemberOptions) {
    const { react = {}, ...group } = options
    this.#client = client
    this.#react = react
    this.member = cluster.groupMember({
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 15_000,
      heartbeatIntervalMs: 200,
      ...group,
      assignor: stickyByCount,
      listener: this.#listener(),
      userData: () => Buffer.from('conformance'),
    })
    this.member.start()
  }

  get owned(): readonly TopicPartition[] {
    return [...this.#owned.values()]
  }

  /** Waits until it owns so many partitions and its group has settled. */
  async owns(count: number): Promise<void> {
    await this.#client.until(`owning ${count} partitions`, () => {
      return this.#owned.size === count && (this.calls.at(-1)?.startsWith('assigned') ?? false)
    })
  }

  async called(call: string): Promise<void> {
    await this.#client.until(`the call "${call}"`, () => this.calls.includes(call))
  }

  async leave(options: { readonly leaveGroup: boolean } = { leaveGroup: true }): Promise<void> {
    if (this.#hasLeft) return
    this.#hasLeft = true
    await this.member.leave(options)
  }

  #listener(): GroupListener {
    return {
      onRejoin: async () => {
        this.calls.push('rejoin')
        await this.#react.onRejoin?.()
      },
      onRevoked: async (partitions) => {
        this.calls.push(`revoked ${shown(partitions)}`)
        await this.#react.onRevoked?.(partitions)
        this.#drop(partitions)
      },
      onAssigned: async (partitions, userData) => {
        for (const partition of partitions) this.#owned.set(partitionName(partition), partition)
        await this.#react.onAssigned?.(partitions, userData)
        this.calls.push(`assigned ${shown(partitions)}`)
      },
      onLost: async (partitions) => {
        this.calls.push(`lost ${shown(partitions)}`)
        this.#drop(partitions)
        await this.#react.onLost?.(partitions)
      },
      onFatal: (error) => {
        this.calls.push('fatal')
        this.fatal.push(error)
      },
    }
  }

  #drop(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#owned.delete(partitionName(partition))
  }
}

function shown(partitions: readonly TopicPartition[]): string {
  const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b)
  return numbers.length === 0 ? 'nothing' : numbers.join(' ')
}

/** Members keep what they own up to their fair share; the rest goes to whoever has least. */
const stickyByCount: Assignor = {
  name: 'conformance-sticky',
  assign(subscribers, partitionCounts) {
    const all = [...partitionCounts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition })),
    )
    const left = new Map(all.map((partition) => [partitionName(partition), partition]))
    const given = new Map<string, TopicPartition[]>()
    const shareMax = Math.ceil(all.length / subscribers.length)
    for (const { memberId, ownedPartitions } of ordered(subscribers)) {
      const kept = ownedPartitions.filter((owned) => left.delete(partitionName(owned)))
      for (const tooMany of kept.splice(shareMax)) left.set(partitionName(tooMany), tooMany)
      given.set(memberId, kept)
    }
    for (const partition of left.values()) {
      const [, least] = [...given].sort(([, a], [, b]) => a.length - b.length)[0] ?? []
      least?.push(partition)
    }
    return new Map(
      [...given].map(([memberId, partitions]) => [
        memberId,
        { partitions, userData: Buffer.from(memberId) },
      ]),
    )
  },
}

/** The same on every leader. */
function ordered(subscribers: readonly Subscriber[]): readonly Subscriber[] {
  return [...subscribers].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
}
