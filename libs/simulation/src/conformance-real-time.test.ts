import { runClusterConformance } from '@millrace/kafka/conformance'
import { systemClock } from '@millrace/time'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSimulatedCluster } from './simulated-cluster.ts'

const functions = { describe, test, expect, beforeAll, afterAll }
const supports = { compaction: true, timestampLimit: true, transactionTimeout: true }

runClusterConformance(functions, {
  name: 'a simulated cluster in real time',
  namePrefix: 'conformance',
  supports,
  async open() {
    const cluster = createSimulatedCluster({ clock: systemClock, transactionAbortCheckMs: 100 })
    return {
      clock: systemClock,
      run: (work) => work,
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
