import { runClusterConformance } from '@millrace/kafka/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedClusterOptions } from './settings.ts'
import { createSimulatedCluster } from './simulated-cluster.ts'
import { VirtualClock } from './virtual-clock.ts'

const functions = { describe, test, expect, beforeAll, afterAll }
const supports = { compaction: true, timestampLimit: true, transactionTimeout: true }

function conformsOnVirtualTime(
  name: string,
  options: Omit<SimulatedClusterOptions, 'clock'>,
): void {
  runClusterConformance(functions, {
    name,
    namePrefix: 'conformance',
    supports,
    async open() {
      const clock = new VirtualClock()
      const cluster = createSimulatedCluster({ clock, ...options })
      return {
        clock,
        run: (work) => clock.run(work),
        clean: (topic) => cluster.compact(topic),
        close: () => cluster.close(),
        async connect() {
          const client = cluster.client()
          await client.connect()
          return client
        },
      }
    },
  })
}

conformsOnVirtualTime('the simulated cluster', { brokerCount: 3 })
conformsOnVirtualTime('a simulated cluster that takes its time', {
  brokerCount: 3,
  markerDelayMs: 30,
  initialRebalanceDelayMs: 3_000,
  faults: {
    before: () => ({ kind: 'delay', delayMs: 2 }),
    after: () => ({ kind: 'delay', delayMs: 2 }),
  },
})
