import { join } from 'node:path'
import type { Transport } from '@millrace/kafka'
import { createKafkajsTransport } from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import type { Processor } from '../../integration/harness/processor.ts'
import { Scene } from '../../integration/harness/scene.ts'
import type { FaultRun } from '../fault.ts'
import { Feeder } from './feeder.ts'
import { randomOf } from './random.ts'

export const partitions = 5
const topologies = join(import.meta.dirname, '..', 'topologies')
const crashingWorker = join(import.meta.dirname, 'crashing-worker.ts')

export interface ApplicationOptions {
  readonly run: FaultRun
  /** Of `topologies/`. Default `folding.ts`. */
  readonly topology?: string
  readonly perSecond?: number
  /** Default 5 s in full runs: a kill then finds an open transaction. */
  readonly commitIntervalMs?: number
  /** Default 10 s (the product's) in full runs, 6 s in short ones. */
  readonly sessionTimeoutMs?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Where a processor of the bed dies, or stops, by itself: before step `step` of commit `at`. */
export interface CrashPlan {
  /** A step of the commit, or `answer`: EndTxn was decided and its answer never seen. */
  readonly step: string
  readonly at: number
  /** `last-words`: stands still; once woken it ends with the answer to its next EndTxn. */
  readonly signal: 'SIGKILL' | 'SIGSTOP' | 'last-words'
}

/**
 * The application under test: topics of its own, a feeder, and processors by name, each with a state
 * directory that it keeps over restarts.
 */
export class Application {
  readonly scene: Scene
  readonly feeder: Feeder
  readonly random: () => number
  readonly sessionTimeoutMs: number
  readonly commitIntervalMs: number
  readonly transport: Transport
  readonly guarantee: FaultRun['guarantee']
  readonly #options: ApplicationOptions
  readonly #members = new Map<string, Processor>()
  /** Also those that ended: what they logged is judged. */
  readonly started: Processor[] = []

  private constructor(scene: Scene, options: ApplicationOptions) {
    const { run, perSecond = run.isShort ? 200 : 600 } = options
    this.scene = scene
    this.#options = options
    this.guarantee = run.guarantee
    this.random = randomOf(run.seed)
    this.sessionTimeoutMs = options.sessionTimeoutMs ?? (run.isShort ? 6_000 : 10_000)
    this.commitIntervalMs = options.commitIntervalMs ?? (run.isShort ? 1_000 : 5_000)
    this.feeder = new Feeder({
      cluster: scene.cluster,
      topic: scene.topic('in'),
      partitions,
      items: run.isShort ? 2_000 : 20_000,
      perSecond,
      random: randomOf(run.seed + 1),
    })
    this.transport = createKafkajsTransport(
      { brokers: run.brokers.split(','), clientId: 'oracle' },
      () => {},
      systemClock,
    )
  }

  static async open(options: ApplicationOptions): Promise<Application> {
    const topics = { in: partitions, echo: partitions, out: partitions, dead: 1 }
    const scene = await Scene.open({ brokers: options.run.brokers, topics })
    const application = new Application(scene, options)
    await application.transport.connect()
    return application
  }

  /**
   * From a processor's end to the first commit of all its tasks by others: its session, and five
   * seconds, which hold one commit interval of the product's second.
   */
  get takeOverMsMax(): number {
    return this.sessionTimeoutMs + 5_000 + this.commitIntervalMs - 1_000
  }

  /** The processors that run, by name. */
  get members(): ReadonlyMap<string, Processor> {
    return this.#members
  }

  member(name: string): Processor {
    const processor = this.#members.get(name)
    if (processor === undefined) throw new Error(`${name} was not started`)
    return processor
  }

  /** Starts a processor, again with the state that one of this name left. */
  start(name: string, env: Readonly<Record<string, string>> = {}): Processor {
    return this.#start(name, env)
  }

  /** The same engine in a process that dies, or stops, at a step of a commit. */
  startCrashing(name: string, { step, at, signal }: CrashPlan): Processor {
    return this.#start(name, {}, [crashingWorker, step, String(at), signal])
  }

  /** Calls a process by this name again, after another of the name was started. */
  adopt(name: string, processor: Processor): void {
    this.#members.set(name, processor)
  }

  async startAll(...names: readonly string[]): Promise<void> {
    for (const name of names) this.start(name)
    await Promise.all(names.map((name) => this.member(name).ready()))
  }

  async kill(name: string): Promise<void> {
    await this.member(name).end('SIGKILL')
    this.#members.delete(name)
  }

  /** Waits until a process that dies by itself has died. */
  async died(name: string): Promise<void> {
    await this.member(name).ended()
    this.#members.delete(name)
  }

  /** Ends it in order. */
  async stop(name: string): ReturnType<Processor['end']> {
    const ending = await this.member(name).end('SIGTERM')
    this.#members.delete(name)
    return ending
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.feeder.stop().catch(() => {})
    await this.transport.close()
    await this.scene[Symbol.asyncDispose]()
  }

  #start(name: string, env: Readonly<Record<string, string>>, script?: string[]): Processor {
    const { topology = 'folding.ts' } = this.#options
    const settings = {
      MILLRACE_TOPOLOGY: join(topologies, topology),
      MILLRACE_GUARANTEE: this.guarantee,
      MILLRACE_COMMIT_INTERVAL: `${this.commitIntervalMs}ms`,
      MILLRACE_SESSION_TIMEOUT: `${this.sessionTimeoutMs}ms`,
      ...this.#options.env,
      ...env,
    }
    const processor = this.scene.processor(topology, name, settings, script)
    this.#members.set(name, processor)
    this.started.push(processor)
    return processor
  }
}
