import { type Cluster, createCluster } from '@millrace/kafka'
import type {
  CommitStep,
  StateBackends,
  StreamWorker,
  StreamWorkerOptions,
} from '@millrace/runtime'
import { createStreamWorker, memoryBackends } from '@millrace/runtime'
import { SimulatedCluster, type SimulatedTransport, VirtualClock } from '@millrace/simulation'
import { type Logger, SharedCounters, silentLogger } from '@millrace/telemetry'
import type { Topology } from '@millrace/topology'

/** A worker and what a test does to its process. */
export interface TestWorker {
  readonly worker: StreamWorker
  readonly counters: SharedCounters
  readonly backends: StateBackends
  /** As `kill -9`: its connections end, nothing is committed, nobody is told. */
  kill(): Promise<void>
}

export interface TestWorkerOptions extends Partial<StreamWorkerOptions> {
  readonly onCrashPoint?: (step: CommitStep) => void
}

/** A simulated cluster, a clock that stands still, and workers of one application. */
export class World {
  readonly clock = new VirtualClock()
  readonly cluster = new SimulatedCluster({ clock: this.clock })
  readonly topology: Topology
  /** What the workers warned of, in order. */
  readonly warnings: string[] = []
  #started = 0

  constructor(topology: Topology) {
    this.topology = topology
  }

  /** Starts a worker; same `backends`, same disk. */
  start(options: TestWorkerOptions = {}): TestWorker {
    const number = this.#started++
    const transports: SimulatedTransport[] = []
    const counters = new SharedCounters()
    const backends = options.backends ?? memoryBackends()
    const worker = createStreamWorker({
      topology: this.topology,
      applicationId: 'app',
      cluster: (): Cluster => {
        const transport = this.cluster.transport({ clientId: `worker-${number}` })
        transports.push(transport)
        return createCluster({ transport, clock: this.clock })
      },
      backends,
      clock: this.clock,
      counters,
      logger: this.#logger(),
      processId: `process-${number}`,
      sessionTimeoutMs: 10_000,
      ...options,
    })
    worker.start()
    const kill = async (): Promise<void> => {
      await Promise.all(transports.map((transport) => transport.close()))
    }
    return { worker, counters, backends, kill }
  }

  /** A client beside the workers. */
  client(): Cluster {
    return createCluster({
      transport: this.cluster.transport({ clientId: 'test' }),
      clock: this.clock,
    })
  }

  /** Moves time until everything assigned is running. */
  async untilRunning(...workers: readonly TestWorker[]): Promise<void> {
    await this.until(() =>
      workers.every(({ worker }) => worker.state === 'running' && worker.tasks().length > 0),
    )
  }

  async until(condition: () => boolean, limitMs = 600_000): Promise<void> {
    await this.clock.runUntil(condition, limitMs)
  }

  /** Moves time until a group's committed offsets are at the ends of a topic. */
  async untilConsumed(topic: string, partitionCount: number): Promise<void> {
    await this.until(() => {
      for (let partition = 0; partition < partitionCount; partition++) {
        const end = this.cluster.endOffset(topic, partition)
        if (end > 0 && this.cluster.committedOffset('app', topic, partition) < end) return false
      }
      return true
    })
  }

  #logger(): Logger {
    const warn = (_fields: object, message: string): void => {
      this.warnings.push(message)
    }
    return { ...silentLogger, warn, child: () => this.#logger() }
  }

  async stop(...workers: readonly TestWorker[]): Promise<void> {
    await this.clock.run(Promise.all(workers.map(({ worker }) => worker.stop())))
  }
}

/** The value of one series; 0 where nothing was counted. */
export function counted(
  counters: SharedCounters,
  metric: string,
  labels: { readonly [label: string]: string },
): number {
  const cell = counters.cell(metric as Parameters<SharedCounters['cell']>[0], labels)
  return Number.isNaN(cell.value) ? 0 : cell.value
}
