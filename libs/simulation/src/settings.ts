import type { Clock } from '@millrace/time'
import type { FaultInjector } from './faults/faults.ts'

export interface SimulatedClusterOptions {
  /** Times everything in the cluster: `systemClock`, or a `VirtualClock`. */
  readonly clock: Clock
  /** Default 1; their ids count from 1. */
  readonly brokerCount?: number
  /** Asked at every request; changed at any time through `cluster.faults`. */
  readonly faults?: FaultInjector
  /** For topics that leave it to the broker. Default: the number of brokers, at most 3. */
  readonly replicationFactorDefault?: number
  /** Topic settings that differ from Kafka's defaults in this cluster. */
  readonly topicConfigDefaults?: Readonly<{ [name: string]: string }>
  /** `group.initial.rebalance.delay.ms`. Default 0; a broker's is 3,000. */
  readonly initialRebalanceDelayMs?: number
  /** `group.min.session.timeout.ms`. Default 6,000. */
  readonly sessionTimeoutMinMs?: number
  /** From EndTxn's answer to the markers in the logs. Default 0: they are written first. */
  readonly markerDelayMs?: number
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms`. Default 10,000. */
  readonly transactionAbortCheckMs?: number
}

export interface Settings {
  readonly brokerCount: number
  readonly replicationFactorDefault: number
  readonly topicConfigDefaults: ReadonlyMap<string, string>
  readonly initialRebalanceDelayMs: number
  readonly sessionTimeoutMinMs: number
  readonly markerDelayMs: number
  readonly transactionAbortCheckMs: number
}

export function settingsOf(options: SimulatedClusterOptions): Settings {
  const brokerCount = options.brokerCount ?? 1
  return {
    brokerCount,
    replicationFactorDefault: options.replicationFactorDefault ?? Math.min(brokerCount, 3),
    topicConfigDefaults: new Map(Object.entries(options.topicConfigDefaults ?? {})),
    initialRebalanceDelayMs: options.initialRebalanceDelayMs ?? 0,
    sessionTimeoutMinMs: options.sessionTimeoutMinMs ?? 6_000,
    markerDelayMs: options.markerDelayMs ?? 0,
    transactionAbortCheckMs: options.transactionAbortCheckMs ?? 10_000,
  }
}
