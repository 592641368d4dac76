import type { GroupMemberDependencies } from '../dependencies.ts'
import type { Session } from '../session.ts'
import { askCoordinator } from './ask-coordinator.ts'
import type { Outcome } from './outcome.ts'

export interface HeartbeatNews {
  readonly outcome: Outcome | 'expired'
  readonly errorCode: number
}

/**
 * One heartbeat, where one is due: not without a generation, and not while the coordinator holds a
 * request of this member (it does not expire it then, and the connection is taken).
 *
 * `expired` says that no request was accepted for the session time-out: the coordinator may have
 * given the partitions to others by now.
 */
export async function beat(
  session: Session,
  {
    transport,
    coordinator,
    clock,
  }: Pick<GroupMemberDependencies, 'transport' | 'coordinator' | 'clock'>,
): Promise<HeartbeatNews | null> {
  if (!session.hasGeneration || session.isHeld) return null
  const { generation } = session
  const remainingMs = session.remainingMs()
  if (remainingMs <= 0) return { outcome: 'expired', errorCode: 0 }

  const sentAtMs = clock.monotonicMs()
  const identity = session.identity()
  // One that hangs is given up when the session may be over, so that the next one finds it so.
  const { outcome, errorCode } = await askCoordinator(
    { coordinator, clock },
    remainingMs,
    (nodeId) => transport.heartbeat(nodeId, identity),
  )
  // An answer about a generation that ended meanwhile says nothing about the present one.
  if (session.generation !== generation) return null
  if (outcome === 'ok' || outcome === 'rebalance') session.contacted(sentAtMs)
  return { outcome, errorCode }
}
