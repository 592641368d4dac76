import { type Cluster, createCluster, type Transport } from '@millrace/kafka'
import { type CommitStep, createStreamWorker, type StreamWorker } from '@millrace/runtime'
import type { SimulatedCluster, SimulatedTransport } from '@millrace/simulation'
import { type Logger, SharedCounters } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import { application, applicationId, topics } from './application.ts'
import type { Disk } from './disk.ts'
import { Gate } from './gate.ts'
import { ProcessClock } from './process-clock.ts'

export type Guarantee = 'exactly_once' | 'at_least_once'

/** For canaries: breaks a rule of the clients that one process is given. */
export type Tampering = () => (cluster: Cluster) => Cluster

export interface ProcessOptions {
  /** Of this start of it, for the story. */
  readonly name: string
  /** Kept with the disk, as a processor keeps it. */
  readonly processId: string
  readonly cluster: SimulatedCluster
  readonly clock: Clock
  readonly wall: { offsetMs: number }
  readonly disk: Disk
  readonly guarantee: Guarantee
  readonly commitIntervalMs: number
  readonly sessionTimeoutMs: number
  readonly tampering?: Tampering | undefined
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields: object) => void
}

/** A stream worker in a process that can be killed and stopped at any moment. */
export class SimulatedProcess {
  readonly name: string
  readonly worker: StreamWorker
  readonly #gate = new Gate()
  readonly #clock: ProcessClock
  readonly #disk: Disk
  readonly #transports: SimulatedTransport[] = []
  #strike: ((step: CommitStep) => void) | null = null

  constructor(options: ProcessOptions) {
    this.name = options.name
    this.#disk = options.disk
    this.#clock = new ProcessClock(options.clock, this.#gate, options.wall)
    const tamper = options.tampering?.() ?? ((cluster: Cluster) => cluster)
    this.worker = createStreamWorker({
      topology: application,
      applicationId,
      cluster: () => tamper(this.#connect(options)),
      backends: options.disk.mount(this.#gate),
      clock: this.#clock,
      counters: new SharedCounters(),
      logger: loggerOf(options, this.#gate),
      guarantee: options.guarantee,
      commitIntervalMs: options.commitIntervalMs,
      sessionTimeoutMs: options.sessionTimeoutMs,
      deadLetterTopic: topics.deadLetters,
      processId: options.processId,
      onCrashPoint: (step) => this.#strike?.(step),
      yieldToEventLoop: () =>
        new Promise((resolve) => setImmediate(() => this.#gate.pass(resolve))),
    })
    this.worker.start()
  }

  get isAlive(): boolean {
    return !this.#gate.isDead
  }

  get isFrozen(): boolean {
    return this.#gate.isHeld
  }

  /** `kill -9`. What it had sent may still arrive for a while. */
  kill(): void {
    if (!this.isAlive) return
    this.#gate.kill()
    this.#clock.cancelAll()
    this.#disk.crash()
  }

  /** Its connections end: what has not arrived is lost. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()))
  }

  /** SIGSTOP. */
  freeze(): void {
    this.#gate.hold()
  }

  /** SIGCONT. */
  wake(): void {
    this.#gate.release()
  }

  /** Strikes before a step of one of its next commits. */
  atCommit(step: CommitStep, nth: number, strike: 'kill' | 'freeze', onStruck: () => void): void {
    let left = nth
    this.#strike = (reached) => {
      if (reached !== step || --left > 0) return
      this.#strike = null
      onStruck()
      if (strike === 'freeze') return this.freeze()
      this.kill()
      throw new Error(`killed before ${step}`)
    }
  }

  #connect({ cluster, name }: ProcessOptions): Cluster {
    const transport = cluster.transport({ clientId: name })
    this.#transports.push(transport)
    return createCluster({ transport: throughGate(transport, this.#gate), clock: this.#clock })
  }
}

/** Requests leave and answers arrive when the gate lets them. */
export function throughGate(transport: Transport, gate: Gate): Transport {
  return new Proxy(transport, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>
      return (...args: unknown[]) => gate.through(() => method.apply(target, args))
    },
  })
}

function loggerOf({ log }: ProcessOptions, gate: Gate): Logger {
  const at =
    (level: 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (!gate.isDead) log(level, message, fields)
    }
  const logger: Logger = {
    debug: () => {},
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  }
  return logger
}
