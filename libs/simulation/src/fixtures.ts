import {
  type JoinGroupAnswer,
  type JoinGroupRequest,
  type MemberIdentity,
  RecordBatchWriter,
  type Transport,
  unstamped,
} from '@millrace/kafka'
import { noHeaders } from '@millrace/record'
import { type SimulatedClusterOptions } from './settings.ts'
import { SimulatedCluster } from './simulated-cluster.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What the tests of the simulated brokers share: a cluster on a virtual clock, and requests. */
export function makeCluster(options: Omit<SimulatedClusterOptions, 'clock'> = {}) {
  const clock = new VirtualClock()
  const cluster = new SimulatedCluster({ clock, ...options })
  return { clock, cluster, transport: cluster.transport({ clientId: 'test' }) }
}

/** Bytes in short, for comparing. */
export function text(bytes: Buffer | null): string {
  return bytes === null ? 'null' : bytes.toString()
}

export interface Stamp {
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
}

/** One batch with a record per value, each with its value as key too. */
export function batchOf(
  values: readonly string[],
  stamp: Stamp = {},
  timestampMs?: number,
): Buffer {
  const writer = new RecordBatchWriter()
  for (const value of values) {
    writer.append(Buffer.from(value), Buffer.from(value), timestampMs ?? 1_000, noHeaders)
  }
  return writer.finish({ ...unstamped, ...stamp })
}

/** Sends one batch to its leader and gives the answer for it. */
export async function send(
  transport: Transport,
  topic: string,
  batch: Buffer,
  options: { readonly nodeId?: number; readonly transactionalId?: string; partition?: number } = {},
) {
  const { nodeId = 1, transactionalId = null, partition = 0 } = options
  const batches = [{ topic, partition, batch }]
  const answers = await transport.produce(nodeId, { transactionalId, timeoutMs: 30_000, batches })
  return answers[0]!
}

export async function fetchFrom(
  transport: Transport,
  topic: string,
  offset: number,
  options: {
    readonly isolation?: 'read_committed' | 'read_uncommitted'
    readonly maxWaitMs?: number
    readonly maxBytes?: number
    readonly nodeId?: number
    readonly leaderEpoch?: number
  } = {},
) {
  const { isolation = 'read_uncommitted', maxWaitMs = 0, maxBytes = 1 << 20, nodeId = 1 } = options
  const { leaderEpoch = -1 } = options
  const partitions = [{ topic, partition: 0, offset, leaderEpoch, maxBytes }]
  const request = { isolation, maxWaitMs, minBytes: 1, maxBytes: 1 << 24, partitions }
  return (await transport.fetch(nodeId, request)).partitions[0]!
}

export function joinRequest(overrides: Partial<JoinGroupRequest> = {}): JoinGroupRequest {
  return {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('topics') }],
    ...overrides,
  }
}

/** Joins as a client does: asks for an id first where it has none. */
export async function joinGroup(
  transport: Transport,
  overrides: Partial<JoinGroupRequest> = {},
): Promise<JoinGroupAnswer> {
  const first = await transport.joinGroup(1, joinRequest(overrides))
  if (first.errorCode !== 79) return first
  return transport.joinGroup(1, joinRequest({ ...overrides, memberId: first.memberId }))
}

export function identity(
  joined: { readonly memberId: string; readonly generation: number },
  groupInstanceId: string | null = null,
): MemberIdentity {
  const { memberId, generation } = joined
  return { groupId: 'g', memberId, generation, groupInstanceId }
}

/** Syncs with every member's id as its assignment, where the member leads. */
export function syncGroup(
  transport: Transport,
  joined: JoinGroupAnswer,
  groupInstanceId: string | null = null,
) {
  const assignments = joined.members.map(({ memberId }) => {
    return { memberId, assignment: Buffer.from(`for ${memberId}`) }
  })
  return transport.syncGroup(1, { ...identity(joined, groupInstanceId), assignments })
}

/** A group of one stable member. */
export async function stableMember(transport: Transport, groupInstanceId: string | null = null) {
  const joined = await joinGroup(transport, { groupInstanceId })
  await syncGroup(transport, joined, groupInstanceId)
  return joined
}

/** Two members with their generation and no assignment yet, the leader first. */
export async function joinedPair(transport: Transport, clock: VirtualClock) {
  const first = await stableMember(transport)
  const second = joinGroup(transport)
  await clock.settle()
  const leader = await transport.joinGroup(1, joinRequest({ memberId: first.memberId }))
  return [leader, await second] as const
}

export async function stablePair(transport: Transport, clock: VirtualClock) {
  const [leader, follower] = await joinedPair(transport, clock)
  await Promise.all([syncGroup(transport, follower), syncGroup(transport, leader)])
  return [leader, follower] as const
}

/** InitProducerId for a transactional id, repeated while an earlier transaction is being ended. */
export async function initProducer(
  transport: Transport,
  transactionalId: string,
  timeoutMs = 60_000,
) {
  for (;;) {
    const answer = await transport.initProducerId(1, {
      transactionalId,
      transactionTimeoutMs: timeoutMs,
      producerId: -1,
      producerEpoch: -1,
    })
    const { errorCode, producerId, producerEpoch } = answer
    if (errorCode === 0) return { transactionalId, producerId, producerEpoch }
    if (errorCode !== 51) throw new Error(`InitProducerId answered ${errorCode}`)
  }
}
