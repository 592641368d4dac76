import type { TopicPartition } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partitionName } from '../../partition-name.ts'
import { type Claim, Owners, withholdHeld } from './cooperative.ts'

const memberIds = ['a', 'b', 'c', 'd']
const partitions = Array.from({ length: 6 }, (_, partition) => ({ topic: 'orders', partition }))

type Target = ReadonlyMap<string, readonly TopicPartition[]>

/** Who is there in one rebalance, and where the assignor wants each partition among them. */
const rebalance = fc.record({
  present: fc.subarray(memberIds, { minLength: 1 }),
  wanted: fc.array(fc.nat(), { minLength: partitions.length, maxLength: partitions.length }),
})

function targetOf({
  present,
  wanted,
}: {
  present: readonly string[]
  wanted: readonly number[]
}): Target {
  const target = new Map<string, TopicPartition[]>(present.map((memberId) => [memberId, []]))
  partitions.forEach((partition, index) => {
    target.get(present[wanted[index]! % present.length]!)!.push(partition)
  })
  return target
}

/** Members as they behave: they keep what they hold until told, and give up before they join again. */
class Group {
  readonly held = new Map<string, Claim>()
  generation = 0

  round(target: Target): void {
    this.generation += 1
    // Who is not in the rebalance has left or was expired, and holds nothing more.
    for (const memberId of this.held.keys()) if (!target.has(memberId)) this.held.delete(memberId)
    const assigned = withholdHeld(target, new Owners([...this.held.values()]))
    this.expectNobodyElseHolds(assigned)
    for (const [memberId, given] of assigned) {
      this.held.set(memberId, { memberId, generation: this.generation, partitions: given })
    }
  }

  /** Checked before anybody has given anything up: the moment at which a double owner would exist. */
  expectNobodyElseHolds(assigned: Target): void {
    for (const [memberId, given] of assigned) {
      for (const claim of this.held.values()) {
        if (claim.memberId === memberId) continue
        const names = new Set(claim.partitions.map(partitionName))
        expect(given.filter((partition) => names.has(partitionName(partition)))).toEqual([])
      }
    }
  }
}

test('no partition is given to one member while another holds it, and two rounds reach the target', () => {
  fc.assert(
    fc.property(
      fc.array(rebalance, { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean()),
      (rebalances, again) => {
        const group = new Group()
        rebalances.forEach((step, index) => {
          const target = targetOf(step)
          group.round(target)
          // A further change may come before the second round.
          if (again[index] === true) return
          group.round(target)
          for (const [memberId, wanted] of target) {
            expect(group.held.get(memberId)?.partitions).toEqual(wanted)
          }
        })
      },
    ),
  )
})

test('whatever members claim, nobody gets what another claims of the same or a later generation', () => {
  const claims = fc.array(
    fc.record({
      memberId: fc.constantFrom(...memberIds),
      generation: fc.integer({ min: -1, max: 3 }),
      partitions: fc.subarray(partitions),
    }),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(claims, rebalance, (drawn, step) => {
      const all = [...new Map(drawn.map((claim) => [claim.memberId, claim])).values()]
      for (const [memberId, given] of withholdHeld(targetOf(step), new Owners(all))) {
        const own = all.find((claim) => claim.memberId === memberId)
        for (const partition of given) {
          const holds = (claim: Claim) =>
            claim.partitions.some((held) => held.partition === partition.partition)
          const ownGeneration = own !== undefined && holds(own) ? own.generation : -2
          const rivals = all.filter((claim) => claim.memberId !== memberId && holds(claim))
          expect(rivals.filter((rival) => rival.generation >= ownGeneration)).toEqual([])
        }
      }
    }),
  )
})
