import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BalancedTask, balance, type Candidate } from './balance.ts'

function tasksOf(counts: readonly number[]): readonly BalancedTask[] {
  return counts.flatMap((count, subTopology) =>
    Array.from({ length: count }, (_, partition) => ({
      name: `${subTopology}_${partition}`,
      subTopology,
      partition,
    })),
  )
}

function candidate(
  memberId: string,
  owned: Iterable<string> = [],
  onDisk: Iterable<string> = [],
): Candidate {
  return { memberId, owned: new Set(owned), onDisk: new Set(onDisk), canRun: () => true }
}

const names = (shares: ReturnType<typeof balance>, member: string) =>
  (shares.get(member) ?? []).map(({ name }) => name)

const plan = fc.record({
  tasks: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }).map(tasksOf),
  members: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 7,
  }),
  owners: fc.array(fc.nat(9), { maxLength: 40 }),
  disks: fc.array(fc.nat(9), { maxLength: 40 }),
})

/** Members that own, or have on disk, what the random lists say. */
function candidatesOf({
  tasks,
  members,
  owners,
  disks,
}: typeof plan extends fc.Arbitrary<infer T> ? T : never) {
  const listed = (lists: readonly number[], member: number) =>
    tasks.filter((_, index) => lists[index] === member).map(({ name }) => name)
  return members.map((memberId, index) =>
    candidate(memberId, listed(owners, index), listed(disks, index)),
  )
}

test('every task is assigned to exactly one member, and nobody has two more than another', () => {
  fc.assert(
    fc.property(plan, (given) => {
      const shares = balance(given.tasks, candidatesOf(given))
      const all = [...shares.values()].flat().map(({ name }) => name)
      expect(all.toSorted()).toEqual(given.tasks.map(({ name }) => name).toSorted())
      const sizes = [...shares.values()].map((share) => share.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }),
  )
})

test('the answer does not depend on the order in which members are listed', () => {
  fc.assert(
    fc.property(plan, (given) => {
      const candidates = candidatesOf(given)
      const there = balance(given.tasks, candidates)
      const back = balance(given.tasks, candidates.toReversed())
      for (const { memberId } of candidates)
        expect(names(there, memberId)).toEqual(names(back, memberId))
    }),
  )
})

test('nobody loses a task while it has no more than its share', () => {
  fc.assert(
    fc.property(plan, (given) => {
      const floor = Math.floor(given.tasks.length / given.members.length)
      const candidates = candidatesOf(given)
      const shares = balance(given.tasks, candidates)
      for (const { memberId, owned } of candidates) {
        const kept = names(shares, memberId).filter((name) => owned.has(name))
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(owned.size, floor))
      }
    }),
  )
})

test('assigning again moves nothing', () => {
  fc.assert(
    fc.property(plan, (given) => {
      const first = balance(given.tasks, candidatesOf(given))
      const again = balance(
        given.tasks,
        given.members.map((id) => candidate(id, names(first, id))),
      )
      for (const id of given.members)
        expect(names(again, id).toSorted()).toEqual(names(first, id).toSorted())
    }),
  )
})

test('a free task goes where its state lies on the disk', () => {
  const tasks = tasksOf([4])
  const shares = balance(tasks, [candidate('a'), candidate('b', [], ['0_0', '0_3'])])
  expect(names(shares, 'b').toSorted()).toEqual(['0_0', '0_3'])
})

test('who has to give up half gives up half of each sub-topology', () => {
  const tasks = tasksOf([4, 4])
  const shares = balance(tasks, [
    candidate(
      'a',
      tasks.map(({ name }) => name),
    ),
    candidate('b'),
  ])
  expect(names(shares, 'b').filter((name) => name.startsWith('0_'))).toHaveLength(2)
  expect(names(shares, 'a').filter((name) => name.startsWith('0_'))).toHaveLength(2)
})

test('a task that only one member subscribes to goes there, balanced or not', () => {
  const tasks = tasksOf([4])
  const unable = { ...candidate('a'), canRun: () => false }
  expect(names(balance(tasks, [unable, candidate('b')]), 'b')).toHaveLength(4)
})
