import type { TopicPartition } from '@millrace/record'
import { partitionName } from '../../partition-name.ts'

/** Partitions a member says it holds, and the generation that gave them to it. */
export interface Claim {
  readonly memberId: string
  readonly generation: number
  readonly partitions: readonly TopicPartition[]
}

/**
 * Who holds each claimed partition; null where that cannot be told. The claim of the later
 * generation wins: the other member missed a rebalance and will be told to give it up. Two claims
 * of one generation contradict each other; neither is believed, and nobody gets the partition
 * before both have given it up.
 */
export class Owners {
  readonly #byPartition = new Map<string, { memberId: string | null; generation: number }>()

  constructor(claims: readonly Claim[]) {
    for (const claim of claims) {
      for (const partition of claim.partitions) this.#admit(partitionName(partition), claim)
    }
  }

  isHeld(partition: TopicPartition): boolean {
    return this.#byPartition.has(partitionName(partition))
  }

  ownerOf(partition: TopicPartition): string | null {
    return this.#byPartition.get(partitionName(partition))?.memberId ?? null
  }

  #admit(key: string, { memberId, generation }: Claim): void {
    const held = this.#byPartition.get(key)
    if (held === undefined || generation > held.generation) {
      this.#byPartition.set(key, { memberId, generation })
    } else if (generation === held.generation && memberId !== held.memberId) {
      held.memberId = null
    }
  }
}

/**
 * The part of a target that may be handed out now (KIP-429, as Kafka's `CooperativeStickyAssignor`
 * does it): a partition that another member still holds is withheld. Its holder, no longer seeing
 * it in its assignment, gives it up and joins again; the next round hands it over. With the same
 * target and members that is two rounds at most.
 */
export function withholdHeld(
  target: ReadonlyMap<string, readonly TopicPartition[]>,
  owners: Owners,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const assigned = new Map<string, readonly TopicPartition[]>()
  for (const [memberId, partitions] of target) {
    const free = partitions.filter(
      (partition) => !owners.isHeld(partition) || owners.ownerOf(partition) === memberId,
    )
    assigned.set(memberId, free)
  }
  return assigned
}
