import { type FaultInjector, randomFaults, type SimulatedCluster } from '@millrace/simulation'
import { applicationId, partitionCount, repartition, topics } from './application.ts'
import type { Scenario } from './scenario.ts'
import type { Trace } from './trace.ts'

/** Lost, late and repeated requests and answers, passing errors, moves of leaders and coordinators. */
export function networkFaults(
  { faults: random, rates, moveRate }: Scenario,
  cluster: SimulatedCluster,
  trace: Trace,
  transactionalIds: () => readonly string[],
): FaultInjector {
  const injector = randomFaults(random, rates)
  return {
    before(call) {
      traced(trace, call)
      if (random.chance(moveRate)) {
        const topic = random.pick([topics.input, repartition, topics.echo, 'app-folds-changelog'])
        if (cluster.topics().includes(topic)) cluster.moveLeader(topic, random.int(partitionCount))
      }
      if (random.chance(moveRate)) {
        const loading = { loadingMs: random.int(200) }
        if (random.chance(0.5)) cluster.moveCoordinator('group', applicationId, loading)
        else cluster.moveCoordinator('transaction', random.pick(transactionalIds()), loading)
      }
      return injector.before?.(call)
    },
    after: (call) => injector.after?.(call),
  }
}

/** Nothing goes wrong any more; what is sent is still written down. */
export function noMoreFaults(trace: Trace): FaultInjector {
  return {
    before(call) {
      traced(trace, call)
      return undefined
    },
  }
}

function traced(trace: Trace, call: { api: string; nodeId: number; clientId: string }): void {
  trace.event(`${call.clientId} ${call.api} ${call.nodeId}`)
}
