import { randomUUID } from 'node:crypto'
import { systemClock } from '@millrace/time'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCluster } from '../client/cluster.ts'
import { runClusterConformance } from '../conformance/index.ts'
import { openTransport } from './testing/real-broker.ts'

runClusterConformance(
  { describe, test, expect, beforeAll, afterAll },
  {
    name: 'a broker through kafkajs',
    namePrefix: `conformance-${randomUUID().slice(0, 8)}`,
    supports: { compaction: true, timestampLimit: true, transactionTimeout: true },
    async open() {
      return {
        clock: systemClock,
        run: (work) => work,
        close: async () => {},
        async connect() {
          const cluster = createCluster({ transport: openTransport(), clock: systemClock })
          await cluster.connect()
          return cluster
        },
      }
    },
  },
)
