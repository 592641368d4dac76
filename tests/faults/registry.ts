import type { Fault } from './fault.ts'
import { brokerDownAtStart } from './faults/broker/broker-down-at-start.ts'
import { brokerRestart } from './faults/broker/broker-restart.ts'
import { atLeastOnce } from './faults/members/at-least-once.ts'
import { blockingCode } from './faults/members/blocking-code.ts'
import { killAtRandom } from './faults/members/kill-at-random.ts'
import { killInCommit } from './faults/members/kill-in-commit.ts'
import { rebalance } from './faults/members/rebalance.ts'
import { rollingRestart } from './faults/members/rolling-restart.ts'
import { zombie } from './faults/members/zombie.ts'
import { deadLetterMissing } from './faults/records/dead-letter-missing.ts'
import { oversized } from './faults/records/oversized.ts'
import { poison } from './faults/records/poison.ts'
import { changelogTruncated } from './faults/state/changelog-truncated.ts'
import { corruptState } from './faults/state/corrupt-state.ts'
import { diskFull } from './faults/state/disk-full.ts'
import { positionRecord } from './faults/state/position-record.ts'
import { sharedState } from './faults/state/shared-state.ts'
import { stateDeleted } from './faults/state/state-deleted.ts'

/** In the order of their numbers in the design document. */
export const faults: readonly Fault[] = [
  killAtRandom,
  killInCommit,
  zombie,
  rebalance,
  atLeastOnce,
  rollingRestart,
  brokerRestart,
  brokerDownAtStart,
  diskFull,
  corruptState,
  positionRecord,
  changelogTruncated,
  stateDeleted,
  poison,
  oversized,
  deadLetterMissing,
  blockingCode,
  sharedState,
]
