import type { Clock } from '@millrace/time'
import { Brokers } from './brokers/brokers.ts'
import type { FaultInjector } from './faults/faults.ts'
import { GroupCoordinator } from './groups/group-coordinator.ts'
import type { Settings } from './settings.ts'
import { Timers } from './timers.ts'
import { Topics } from './topics/topics.ts'
import { TransactionCoordinator } from './transactions/transaction-coordinator.ts'

/** All that the brokers of one cluster know, whichever of them answers. */
export class BrokerSide {
  readonly settings: Settings
  readonly timers: Timers
  readonly brokers: Brokers
  readonly topics: Topics
  readonly groups: GroupCoordinator
  readonly transactions: TransactionCoordinator
  faults: FaultInjector
  #memberIdNext = 1

  constructor(clock: Clock, settings: Settings, faults: FaultInjector) {
    this.settings = settings
    this.faults = faults
    this.timers = new Timers(clock)
    const { timers } = this
    this.brokers = new Brokers(settings.brokerCount, timers)
    this.topics = new Topics({
      brokers: this.brokers,
      replicationFactorDefault: settings.replicationFactorDefault,
      configDefaults: settings.topicConfigDefaults,
    })
    this.groups = new GroupCoordinator({
      timers,
      initialRebalanceDelayMs: settings.initialRebalanceDelayMs,
    })
    this.transactions = new TransactionCoordinator({
      timers,
      topics: this.topics,
      groups: this.groups,
      markerDelayMs: settings.markerDelayMs,
      abortCheckMs: settings.transactionAbortCheckMs,
    })
  }

  /** Unique and the same in every run: a broker appends a UUID instead. */
  newMemberId(name: string): string {
    return `${name}-${String(this.#memberIdNext++).padStart(6, '0')}`
  }

  /** Changes which brokers are up or coordinate what, and hands over the groups that this moves. */
  rearrange(change: () => void): void {
    const coordinators = (): Map<string, number> =>
      new Map(this.groups.groupIds().map((id) => [id, this.brokers.coordinatorOf('group', id)]))
    const before = coordinators()
    change()
    this.topics.electLeaders()
    this.transactions.completeDecided()
    for (const [groupId, nodeId] of coordinators()) {
      if (before.get(groupId) !== nodeId) this.groups.reload(groupId)
    }
  }
}
