import { kafkaError } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import {
  identity,
  joinedPair,
  joinGroup,
  joinRequest,
  makeCluster,
  stableMember,
  stablePair,
  syncGroup,
  text,
} from '../fixtures.ts'

describe('joining a group', () => {
  test('a dynamic member is given an id first and joins with it', async () => {
    const { transport } = makeCluster()
    const first = await transport.joinGroup(1, joinRequest())
    expect(first.errorCode).toBe(kafkaError.MEMBER_ID_REQUIRED)
    expect(first.memberId).toMatch(/^test-/)
    const joined = await transport.joinGroup(1, joinRequest({ memberId: first.memberId }))
    expect(joined).toMatchObject({ errorCode: 0, generation: 1, protocolName: 'range' })
    expect(joined.leaderId).toBe(first.memberId)
    expect(joined.members.map(({ memberId }) => memberId)).toEqual([first.memberId])
  })

  test('an id that was given and not used is forgotten with its session', async () => {
    const { clock, transport } = makeCluster()
    const member = await stableMember(transport)
    await transport.joinGroup(1, joinRequest())
    const rejoin = transport.joinGroup(1, joinRequest({ memberId: member.memberId }))
    await clock.advance(9_999)
    await transport.heartbeat(1, identity(member))
    expect((await transport.describeGroup(1, 'g')).state).toBe('PreparingRebalance')
    await clock.advance(1)
    expect((await rejoin).generation).toBe(2)
  })

  test('a second member makes the first one join again, and the leader sees both', async () => {
    const { clock, transport } = makeCluster()
    const one = await stableMember(transport)
    const second = joinGroup(transport)
    await clock.settle()
    const beat = await transport.heartbeat(1, identity(one))
    expect(beat.errorCode).toBe(kafkaError.REBALANCE_IN_PROGRESS)
    const [again, two] = await Promise.all([
      transport.joinGroup(1, joinRequest({ memberId: one.memberId })),
      second,
    ])
    expect([again.generation, two.generation]).toEqual([2, 2])
    expect(again.members.length).toBe(2)
    expect(two.members).toEqual([])
    const follower = syncGroup(transport, two)
    const leader = await syncGroup(transport, again)
    expect(text(leader.assignment)).toBe(`for ${one.memberId}`)
    expect(text((await follower).assignment)).toBe(`for ${two.memberId}`)
    expect(await transport.describeGroup(1, 'g')).toMatchObject({ state: 'Stable', memberCount: 2 })
  })

  test('who does not join again within the rebalance time-out is left out', async () => {
    const { clock, transport } = makeCluster()
    const one = await stableMember(transport)
    const second = joinGroup(transport)
    for (let elapsedMs = 0; elapsedMs < 30_000; elapsedMs += 5_000) {
      await transport.heartbeat(1, identity(one))
      await clock.advance(5_000)
    }
    expect((await second).members.length).toBe(1)
    const beat = await transport.heartbeat(1, identity(one))
    expect(beat.errorCode).toBe(kafkaError.UNKNOWN_MEMBER_ID)
  })

  test('the first rebalance is held open for further members where it is so set', async () => {
    const { clock, transport } = makeCluster({ initialRebalanceDelayMs: 3_000 })
    const joining = [joinGroup(transport), joinGroup(transport)]
    await clock.advance(6_000)
    const joined = await Promise.all(joining)
    expect(joined.map(({ generation }) => generation)).toEqual([1, 1])
  })

  test('a protocol that not all members have is refused', async () => {
    const { transport } = makeCluster()
    await stableMember(transport)
    const other = joinRequest({ protocols: [{ name: 'other', metadata: Buffer.alloc(0) }] })
    expect((await transport.joinGroup(1, other)).errorCode).toBe(23)
    const typed = joinRequest({ protocolType: 'connect' })
    expect((await transport.joinGroup(1, typed)).errorCode).toBe(23)
  })

  test("a session time-out below the broker's least is refused", async () => {
    const { transport } = makeCluster()
    const { errorCode } = await transport.joinGroup(1, joinRequest({ sessionTimeoutMs: 5_999 }))
    expect(errorCode).toBe(kafkaError.INVALID_SESSION_TIMEOUT)
  })

  test('a follower that asks again with nothing new gets the generation, a leader a rebalance', async () => {
    const { clock, transport } = makeCluster()
    const one = await stableMember(transport)
    const second = joinGroup(transport)
    await clock.settle()
    const again = await transport.joinGroup(1, joinRequest({ memberId: one.memberId }))
    const two = await second
    void syncGroup(transport, two)
    await syncGroup(transport, again)
    const follower = await transport.joinGroup(1, joinRequest({ memberId: two.memberId }))
    expect([follower.errorCode, follower.generation]).toEqual([0, 2])
    const leader = transport.joinGroup(1, joinRequest({ memberId: one.memberId }))
    await clock.settle()
    expect((await transport.describeGroup(1, 'g')).state).toBe('PreparingRebalance')
    await transport.joinGroup(1, joinRequest({ memberId: two.memberId }))
    expect((await leader).generation).toBe(3)
  })

  test('an unknown id and an unknown group are refused', async () => {
    const { transport } = makeCluster()
    const join = joinRequest({ memberId: 'who' })
    expect((await transport.joinGroup(1, join)).errorCode).toBe(kafkaError.UNKNOWN_MEMBER_ID)
    const beat = await transport.heartbeat(1, identity({ memberId: 'who', generation: 1 }))
    expect(beat.errorCode).toBe(kafkaError.UNKNOWN_MEMBER_ID)
  })
})

describe('a member of a group', () => {
  test('is removed when its session is over, and the others rebalance', async () => {
    const { clock, transport } = makeCluster()
    const member = await stableMember(transport)
    await clock.advance(9_999)
    expect((await transport.heartbeat(1, identity(member))).errorCode).toBe(0)
    await clock.advance(9_999)
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(1)
    await clock.advance(1)
    expect(await transport.describeGroup(1, 'g')).toMatchObject({ state: 'Empty', memberCount: 0 })
  })

  test('leaves at once where it says so', async () => {
    const { transport } = makeCluster()
    const member = await stableMember(transport)
    expect((await transport.leaveGroup(1, identity(member))).errorCode).toBe(0)
    expect((await transport.describeGroup(1, 'g')).state).toBe('Empty')
    const again = await transport.leaveGroup(1, identity(member))
    expect(again.errorCode).toBe(kafkaError.UNKNOWN_MEMBER_ID)
  })

  test('that has its generation and does not sync in time is removed', async () => {
    const { clock, transport } = makeCluster()
    const member = await joinGroup(transport)
    for (let elapsedMs = 0; elapsedMs < 30_000; elapsedMs += 5_000) {
      expect((await transport.heartbeat(1, identity(member))).errorCode).toBe(0)
      await clock.advance(5_000)
    }
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(0)
  })

  test('is told to join again when a rebalance overtakes its SyncGroup', async () => {
    const { clock, transport } = makeCluster()
    const one = await stableMember(transport)
    const second = joinGroup(transport)
    await clock.settle()
    await transport.joinGroup(1, joinRequest({ memberId: one.memberId }))
    const held = syncGroup(transport, await second)
    await clock.settle()
    void joinGroup(transport)
    await clock.settle()
    expect((await held).errorCode).toBe(kafkaError.REBALANCE_IN_PROGRESS)
  })

  test('needs no heartbeat while it waits for the others to join', async () => {
    const { clock, transport } = makeCluster()
    const [one, two] = await stablePair(transport, clock)
    const third = joinGroup(transport)
    await clock.settle()
    const waiting = transport.joinGroup(1, joinRequest({ memberId: two.memberId }))
    for (let elapsedMs = 0; elapsedMs < 20_000; elapsedMs += 5_000) {
      await transport.heartbeat(1, identity(one))
      await clock.advance(5_000)
    }
    const leader = await transport.joinGroup(1, joinRequest({ memberId: one.memberId }))
    expect(leader.members.length).toBe(3)
    expect([(await waiting).errorCode, (await third).errorCode]).toEqual([0, 0])
  })

  test('begins a new session with its assignment, however long it waited for it', async () => {
    const { clock, transport } = makeCluster()
    const [one, two] = await joinedPair(transport, clock)
    const waiting = syncGroup(transport, two)
    for (let elapsedMs = 0; elapsedMs < 15_000; elapsedMs += 5_000) {
      await transport.heartbeat(1, identity(one))
      await clock.advance(5_000)
    }
    await syncGroup(transport, one)
    expect((await waiting).errorCode).toBe(0)
    await clock.advance(9_999)
    await transport.heartbeat(1, identity(one))
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(2)
    await clock.advance(1)
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(1)
  })

  test('that lost the answer to its join gets the same generation again', async () => {
    const { transport } = makeCluster()
    const joined = await joinGroup(transport)
    const again = await transport.joinGroup(1, joinRequest({ memberId: joined.memberId }))
    expect(again).toEqual(joined)
  })

  test('cannot sync once others are joining', async () => {
    const { clock, transport } = makeCluster()
    const [one, two] = await joinedPair(transport, clock)
    void joinGroup(transport)
    await clock.settle()
    for (const member of [one, two]) {
      const { errorCode } = await syncGroup(transport, member)
      expect(errorCode).toBe(kafkaError.REBALANCE_IN_PROGRESS)
    }
  })

  test('of an old generation cannot sync or beat', async () => {
    const { transport } = makeCluster()
    const member = await stableMember(transport)
    const old = { ...identity(member), generation: 0 }
    expect((await transport.heartbeat(1, old)).errorCode).toBe(kafkaError.ILLEGAL_GENERATION)
    const sync = await transport.syncGroup(1, { ...old, assignments: [] })
    expect(sync.errorCode).toBe(kafkaError.ILLEGAL_GENERATION)
  })
})

describe('a static member', () => {
  test('comes back within its session without a rebalance, and gets its assignment again', async () => {
    const { transport } = makeCluster()
    const before = await stableMember(transport, 'i-1')
    const back = await joinGroup(transport, { groupInstanceId: 'i-1' })
    expect(back.memberId).not.toBe(before.memberId)
    expect([back.generation, back.members]).toEqual([1, []])
    expect(back.leaderId).toBe(before.memberId)
    const synced = await syncGroup(transport, back, 'i-1')
    expect(text(synced.assignment)).toBe(`for ${before.memberId}`)
  })

  test('fences whoever still uses its instance id', async () => {
    const { transport } = makeCluster()
    const before = await stableMember(transport, 'i-1')
    await joinGroup(transport, { groupInstanceId: 'i-1' })
    const zombie = identity(before, 'i-1')
    expect((await transport.heartbeat(1, zombie)).errorCode).toBe(kafkaError.FENCED_INSTANCE_ID)
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    const [commit] = await transport.offsetCommit(1, { ...zombie, offsets })
    expect(commit!.errorCode).toBe(kafkaError.FENCED_INSTANCE_ID)
    const rejoin = joinRequest({ memberId: before.memberId, groupInstanceId: 'i-1' })
    expect((await transport.joinGroup(1, rejoin)).errorCode).toBe(kafkaError.FENCED_INSTANCE_ID)
  })

  test('keeps its place through a rebalance that it misses, until it should have synced', async () => {
    const { clock, transport } = makeCluster()
    const short = { rebalanceTimeoutMs: 1_000 }
    const missing = await joinGroup(transport, { ...short, groupInstanceId: 'i-1' })
    await syncGroup(transport, missing, 'i-1')
    const second = joinGroup(transport, { ...short, sessionTimeoutMs: 60_000 })
    await clock.advance(1_000)
    expect((await second).members.length).toBe(2)
    void syncGroup(transport, await second)
    await clock.advance(999)
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(2)
    await clock.advance(1)
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(1)
  })

  test('is removed by its instance id alone', async () => {
    const { transport } = makeCluster()
    await stableMember(transport, 'i-1')
    const byInstance = { groupId: 'g', generation: -1, memberId: '', groupInstanceId: 'i-1' }
    expect((await transport.leaveGroup(1, byInstance)).errorCode).toBe(0)
    expect((await transport.describeGroup(1, 'g')).memberCount).toBe(0)
  })
})

describe('committed offsets', () => {
  const offsets = [{ topic: 't', partition: 0, offset: 42 }]
  const partitions = [{ topic: 't', partition: 0 }]

  test('are kept for a member of the current generation only', async () => {
    const { cluster, transport } = makeCluster()
    const member = await stableMember(transport)
    const commit = async (change: object) => {
      const request = { ...identity(member), offsets, ...change }
      return (await transport.offsetCommit(1, request))[0]!.errorCode
    }
    expect(await commit({ generation: 0 })).toBe(kafkaError.ILLEGAL_GENERATION)
    expect(await commit({ memberId: 'other' })).toBe(kafkaError.UNKNOWN_MEMBER_ID)
    expect(await commit({ memberId: '', generation: -1 })).toBe(kafkaError.UNKNOWN_MEMBER_ID)
    expect(cluster.committedOffset('g', 't', 0)).toBe(-1)
    expect(await commit({})).toBe(0)
    expect(cluster.committedOffset('g', 't', 0)).toBe(42)
  })

  test('wait while members are syncing', async () => {
    const { transport } = makeCluster()
    const member = await joinGroup(transport)
    const [answer] = await transport.offsetCommit(1, { ...identity(member), offsets })
    expect(answer!.errorCode).toBe(kafkaError.REBALANCE_IN_PROGRESS)
  })

  test('of a group without members are set by anybody, and outlive the members', async () => {
    const { transport } = makeCluster()
    const simple = { groupId: 'g', generation: -1, memberId: '', groupInstanceId: null }
    expect((await transport.offsetCommit(1, { ...simple, offsets }))[0]!.errorCode).toBe(0)
    const member = await stableMember(transport)
    await transport.leaveGroup(1, identity(member))
    const request = { groupId: 'g', requireStable: true, partitions }
    expect((await transport.offsetFetch(1, request)).partitions[0]!.offset).toBe(42)
    expect((await transport.deleteGroup(1, 'g')).errorCode).toBe(0)
    expect((await transport.offsetFetch(1, request)).partitions[0]!.offset).toBe(-1)
    expect((await transport.deleteGroup(1, 'g')).errorCode).toBe(kafkaError.GROUP_ID_NOT_FOUND)
  })

  test('a group with members is not deleted', async () => {
    const { transport } = makeCluster()
    await stableMember(transport)
    expect((await transport.deleteGroup(1, 'g')).errorCode).toBe(kafkaError.NON_EMPTY_GROUP)
  })
})

describe('a coordinator that moves', () => {
  test('refuses, and the next one goes on from what was written down', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.moveCoordinator('group', 'g', { nodeId: 1 })
    const member = await stableMember(transport)
    const offsets = [{ topic: 't', partition: 0, offset: 42 }]
    await transport.offsetCommit(1, { ...identity(member), offsets })
    cluster.moveCoordinator('group', 'g', { nodeId: 2 })
    const beat = await transport.heartbeat(1, identity(member))
    expect(beat.errorCode).toBe(kafkaError.NOT_COORDINATOR)
    expect((await transport.findCoordinator('group', 'g')).nodeId).toBe(2)
    expect((await transport.heartbeat(2, identity(member))).errorCode).toBe(0)
    expect(cluster.committedOffset('g', 't', 0)).toBe(42)
  })

  test('loses a rebalance under way and answers who waits in it', async () => {
    const { clock, cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.moveCoordinator('group', 'g', { nodeId: 1 })
    const member = await stableMember(transport)
    const held = joinGroup(transport)
    await clock.settle()
    cluster.moveCoordinator('group', 'g', { nodeId: 2 })
    expect((await held).errorCode).toBe(kafkaError.NOT_COORDINATOR)
    expect((await transport.heartbeat(2, identity(member))).errorCode).toBe(0)
    expect(await transport.describeGroup(2, 'g')).toMatchObject({ state: 'Stable', memberCount: 1 })
  })

  test('starts the sessions of its members anew', async () => {
    const { clock, cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.moveCoordinator('group', 'g', { nodeId: 1 })
    await stableMember(transport)
    await clock.advance(9_000)
    cluster.moveCoordinator('group', 'g', { nodeId: 2 })
    await clock.advance(9_999)
    expect((await transport.describeGroup(2, 'g')).memberCount).toBe(1)
    await clock.advance(1)
    expect((await transport.describeGroup(2, 'g')).memberCount).toBe(0)
  })

  test('knows a static member by the id that it came back with', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.moveCoordinator('group', 'g', { nodeId: 1 })
    await stableMember(transport, 'i-1')
    const back = await joinGroup(transport, { groupInstanceId: 'i-1' })
    cluster.moveCoordinator('group', 'g', { nodeId: 2 })
    expect((await transport.heartbeat(2, identity(back, 'i-1'))).errorCode).toBe(0)
  })

  test('says while it loads', async () => {
    const { clock, cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.moveCoordinator('group', 'g', { nodeId: 2, loadingMs: 100 })
    const code = async () => (await transport.describeGroup(2, 'g')).errorCode
    expect(await code()).toBe(kafkaError.COORDINATOR_LOAD_IN_PROGRESS)
    await clock.advance(100)
    expect(await code()).toBe(0)
  })
})
