import { randomUUID } from 'node:crypto'
import { type Cluster, createCluster, createKafkajsTransport } from '@millrace/kafka'
import {
  createStreamWorker,
  type StreamWorker,
  type StreamWorkerOptions,
  stateDirectory,
} from '@millrace/runtime'
import { SharedCounters, silentLogger } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import type { Scene } from './scene.ts'

/** A worker in the test's own process, on the real broker. */
export interface TestWorker {
  readonly worker: StreamWorker
  /** As `kill -9`, for the cluster: its connections end, nothing is committed, nobody is told. */
  kill(): Promise<void>
}

/** Starts a worker that ends with the scene. */
export function startWorker(
  scene: Scene,
  topology: Topology,
  { state, ...options }: Partial<StreamWorkerOptions> & { readonly state: string },
): TestWorker {
  const transports: { close(): Promise<void> }[] = []
  const worker = createStreamWorker({
    topology,
    applicationId: scene.name,
    cluster: (purpose): Cluster => {
      const connection = { brokers: scene.brokers.split(','), clientId: `${scene.name}-${purpose}` }
      const transport = createKafkajsTransport(connection, () => {}, systemClock)
      transports.push(transport)
      return createCluster({ transport, clock: systemClock })
    },
    backends: stateDirectory(scene.stateDirectory(state), scene.name),
    clock: systemClock,
    counters: new SharedCounters(),
    logger: silentLogger,
    processId: randomUUID(),
    commitIntervalMs: 200,
    sessionTimeoutMs: 6_000,
    ...options,
  })
  scene.atEnd(() => worker.stop({ deadlineMs: 5_000 }))
  worker.start()
  return {
    worker,
    async kill() {
      await Promise.all(transports.map((transport) => transport.close()))
      void worker.stop({ deadlineMs: 0 })
    },
  }
}
