import { kafkaError } from '@millrace/kafka'
import type { Api } from '../api.ts'
import type { Random } from '../prng.ts'
import type { Call, FaultAfter, FaultBefore, FaultInjector } from './faults.ts'

/** Probabilities per request, each in [0, 1]; left out: 0. */
export interface FaultRates {
  readonly delay?: number
  /** Delays are even over [0, delayMaxMs]. Default 200. */
  readonly delayMaxMs?: number
  readonly disconnect?: number
  readonly lostAnswer?: number
  readonly repeat?: number
  /** An error that passes, fit for the request, without the broker having acted. */
  readonly passingError?: number
  /** Requests that are spared. */
  readonly except?: readonly Api[]
}

/** Draws faults from a seeded generator: the same seed and the same requests give the same faults. */
export function randomFaults(random: Random, rates: FaultRates): FaultInjector {
  const spared = new Set(rates.except ?? [])
  const delay = (): FaultBefore & FaultAfter => ({
    kind: 'delay',
    delayMs: random.int((rates.delayMaxMs ?? 200) + 1),
  })
  return {
    before(call) {
      if (spared.has(call.api)) return undefined
      if (random.chance(rates.disconnect ?? 0)) return { kind: 'disconnect' }
      if (random.chance(rates.repeat ?? 0)) return { kind: 'repeat' }
      if (random.chance(rates.passingError ?? 0)) return passingError(call)
      return random.chance(rates.delay ?? 0) ? delay() : undefined
    },
    after(call) {
      if (spared.has(call.api)) return undefined
      if (random.chance(rates.lostAnswer ?? 0)) return { kind: 'disconnect' }
      return random.chance(rates.delay ?? 0) ? delay() : undefined
    },
  }
}

function passingError({ api }: Call): FaultBefore | undefined {
  switch (api) {
    case 'produce':
    case 'fetch':
    case 'listOffsets':
      return { kind: 'error', errorCode: kafkaError.NOT_LEADER_OR_FOLLOWER }
    case 'offsetFetch':
    case 'offsetCommit':
    case 'joinGroup':
    case 'syncGroup':
    case 'heartbeat':
    case 'initProducerId':
    case 'addPartitionsToTxn':
    case 'addOffsetsToTxn':
    case 'txnOffsetCommit':
    case 'endTxn':
      return { kind: 'error', errorCode: kafkaError.NOT_COORDINATOR }
    case 'findCoordinator':
      return { kind: 'error', errorCode: kafkaError.COORDINATOR_NOT_AVAILABLE }
    default:
      return undefined
  }
}
