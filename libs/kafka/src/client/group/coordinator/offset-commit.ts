import { MillraceError } from '@millrace/errors'
import type { CommittedOffset } from '../../../ports/cluster.ts'
import type { PartitionError } from '../../../ports/transport.ts'
import { errorFor } from '../../../wire/classify.ts'
import { kafkaError } from '../../../wire/error-codes.ts'
import { backoffMs } from '../../retry.ts'
import type { PartitionSet } from '../assignment/partition-set.ts'
import type { GroupMemberDependencies } from '../dependencies.ts'
import type { Interruptions } from '../interruptions.ts'
import type { Session } from '../session.ts'
import { Signal } from '../signal.ts'
import { askCoordinator, type Reply } from './ask-coordinator.ts'

export interface CommitParts {
  readonly dependencies: GroupMemberDependencies
  readonly session: Session
  readonly owned: PartitionSet
  readonly interruptions: Interruptions
  /** A join or sync is under way: what the member owns after it is not known. */
  isJoining(): boolean
}

/**
 * OffsetCommit, fenced by the member's generation. Repeats it, with the same offsets, while the
 * coordinator moves or loads, for `timeoutMs` at most.
 */
export async function commitOffsets(
  parts: CommitParts,
  timeoutMs: number,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  const { clock } = parts.dependencies
  const giveUpAtMs = clock.monotonicMs() + timeoutMs
  for (let failures = 1; ; failures++) {
    refuseUnlessOwner(parts, offsets)
    const { generation } = parts.session
    const reply = await send(parts, giveUpAtMs - clock.monotonicMs(), offsets)
    if (reply.outcome === 'ok') return
    if (reply.outcome !== 'again' && reply.outcome !== 'moved')
      throw refusal(parts, generation, reply)
    const delayMs = backoffMs(failures)
    if (clock.monotonicMs() + delayMs >= giveUpAtMs) {
      throw delayed(parts, `the coordinator did not accept them for ${timeoutMs} ms`)
    }
    await new Signal().waitUpTo(delayMs, clock)
  }
}

/** Before every attempt, also a repeated one: the group may have gone on while it waited. */
function refuseUnlessOwner(parts: CommitParts, offsets: readonly CommittedOffset[]): void {
  if (!parts.session.hasGeneration) throw fenced(parts, 'the member is not in the group')
  const foreign = offsets.find((partition) => !parts.owned.has(partition))
  if (foreign !== undefined) {
    throw fenced(parts, `${foreign.topic}[${foreign.partition}] is not assigned to this member`)
  }
  if (parts.isJoining()) throw delayed(parts, 'a rebalance is under way')
}

async function send(
  { session, dependencies }: CommitParts,
  timeoutMs: number,
  offsets: readonly CommittedOffset[],
): Promise<Reply<unknown>> {
  const sentAtMs = dependencies.clock.monotonicMs()
  const identity = session.identity()
  const reply = await askCoordinator(dependencies, timeoutMs, async (nodeId) => {
    const partitions = await dependencies.transport.offsetCommit(nodeId, { ...identity, offsets })
    return { errorCode: firstError(partitions) }
  })
  if (reply.outcome === 'ok' && session.generation === identity.generation)
    session.contacted(sentAtMs)
  // A coordinator may hear of a new topic later than its leader does.
  const isTopicUnknown = reply.errorCode === kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  return isTopicUnknown ? { outcome: 'again', errorCode: reply.errorCode, answer: null } : reply
}

function firstError(partitions: readonly PartitionError[]): number {
  return partitions.find((partition) => partition.errorCode !== kafkaError.NONE)?.errorCode ?? 0
}

/** The error for an answer that ends the attempt; the member's loop hears of it too. */
function refusal(parts: CommitParts, generation: number, reply: Reply<unknown>): MillraceError {
  const { session, interruptions } = parts
  const doing = `committing offsets of group ${session.groupId}`
  const { outcome, errorCode } = reply
  if (outcome === 'rebalance') {
    if (!parts.isJoining()) interruptions.wantRejoin('a commit met a rebalance')
    return delayed(parts, 'the group is rebalancing')
  }
  if (outcome === 'refused') return errorFor(errorCode, doing)
  // The answer is about a generation that this member has itself left for the next one, or is
  // about to learn of: its partitions are still its own.
  if (session.hasGeneration && (session.generation !== generation || parts.isJoining())) {
    return delayed(parts, 'a rebalance came between')
  }
  if (session.hasGeneration) interruptions.report(outcome, errorCode, doing)
  return fenced(parts, 'the group went on without the member')
}

function fenced({ session }: CommitParts, reason: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_FENCED', {
    message: `offsets of group ${session.groupId} were not committed: ${reason}`,
    remedy:
      'The records are processed again by whoever owns the partitions; the member joins again by itself.',
  })
}

function delayed({ session }: CommitParts, reason: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', {
    message: `offsets of group ${session.groupId} were not committed: ${reason}`,
    remedy: 'Commit again after the next call of the group listener.',
  })
}
