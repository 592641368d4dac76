import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Broker, startBroker } from '../../../../tools/kafka/broker.ts'
import { freePorts } from '../../../../tools/kafka/ports.ts'
import { Prometheus } from '../../../deploy/prometheus.ts'
import type { RawInput } from '../../../integration/harness/input.ts'
import type { Processor } from '../../../integration/harness/processor.ts'
import { Scene } from '../../../integration/harness/scene.ts'
import { Alertmanager } from './alertmanager.ts'
import { Hook } from './hook.ts'
import { LiveFeed } from './live-feed.ts'
import { rulesFor } from './rules.ts'

export const partitions = 4
const topologies = join(import.meta.dirname, '..', '..', 'topologies')

/** Where the programs lie. */
export interface Programs {
  readonly prometheus: string
  readonly alertmanager: string
}

export interface BedOptions {
  /** Of a shared Kafka; a bed with a broker of its own does without. */
  readonly brokers: string
  readonly programs: Programs
  /** The alert whose rule is on the time scale; the others are as they are. */
  readonly alert: string
  readonly scale: number
  readonly hasOwnBroker?: boolean | undefined
  /** Of `topologies/`. Default `watched.ts`. */
  readonly topology?: string | undefined
  /** Processors that are started. Default two. */
  readonly names?: readonly string[] | undefined
  readonly perSecond?: number | undefined
  readonly env?: { readonly [name: string]: string } | undefined
}

/** A running application on a real Kafka, watched by a real Prometheus, which tells a real Alertmanager. */
export class AlertBed {
  readonly scene: Scene
  readonly hook: Hook
  readonly prometheus: Prometheus
  readonly feed: LiveFeed
  readonly #options: BedOptions
  readonly #faultFile: string
  readonly #ports = new Map<string, number>()
  readonly #processors = new Map<string, Processor>()
  readonly #stack: AsyncDisposableStack
  readonly #broker: Broker | undefined

  private constructor(options: BedOptions, parts: Parts) {
    this.#options = options
    this.scene = parts.scene
    this.hook = parts.hook
    this.prometheus = parts.prometheus
    this.#stack = parts.stack
    this.#broker = parts.broker
    this.#faultFile = join(this.scene.dir, 'fault')
    const { perSecond = 80 } = options
    const topic = this.scene.topic('in')
    this.feed = new LiveFeed({ cluster: this.scene.cluster, topic, partitions, perSecond })
  }

  static async open(options: BedOptions): Promise<AlertBed> {
    await using stack = new AsyncDisposableStack()
    const { programs, names = ['one', 'two'] } = options
    const broker = options.hasOwnBroker ? stack.use(await startBroker()) : undefined
    const brokers = broker?.brokers ?? options.brokers
    const topics = { in: partitions, sensors: partitions, out: partitions, late: 1, dead: 1 }
    const scene = stack.use(await Scene.open({ brokers, topics }))
    const hook = stack.use(await Hook.open())
    const { address } = stack.use(await Alertmanager.start(programs.alertmanager, hook.url))
    const rulesFile = join(scene.dir, 'rules.json')
    writeFileSync(rulesFile, JSON.stringify(rulesFor(options.alert, options.scale)))
    const prometheus = stack.use(
      await Prometheus.start(programs.prometheus, [], {
        ruleFiles: [rulesFile],
        intervalSeconds: options.scale === 1 ? 5 : 1,
        alertmanager: address,
      }),
    )
    const parts = { scene, hook, prometheus, broker, stack: stack.move() }
    const bed = new AlertBed(options, parts)
    for (const name of names) await bed.start(name)
    bed.watch()
    await Promise.all(names.map((name) => bed.processor(name).ready()))
    await bed.scene.until('the metrics of all are scraped', async () => {
      const up = await bed.prometheus.query('up{job="millrace"} == 1')
      return up.length === names.length && bed.hook.firedAtMs('Watchdog', 0) !== undefined
    })
    return bed
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('this bed has no broker of its own')
    return this.#broker
  }

  processor(name: string): Processor {
    const processor = this.#processors.get(name)
    if (processor === undefined) throw new Error(`${name} was not started`)
    return processor
  }

  /** Starts a processor; one that was there before has its port and its state again. */
  async start(name: string, more: { readonly [name: string]: string } = {}): Promise<Processor> {
    const [fresh = 0] = this.#ports.has(name) ? [] : await freePorts(2)
    const port = this.#ports.get(name) ?? fresh
    this.#ports.set(name, port)
    const { topology = 'watched.ts', env } = this.#options
    const processor = this.scene.processor(topology, name, {
      MILLRACE_TOPOLOGY: join(topologies, topology),
      MILLRACE_HTTP_PORT: String(port),
      MILLRACE_DEAD_LETTER_TOPIC: this.scene.topic('dead'),
      FAULT_FILE: this.#faultFile,
      ...env,
      ...more,
    })
    this.#processors.set(name, processor)
    return processor
  }

  /** What Prometheus scrapes from now on: all that were started, but for these. */
  watch(...without: readonly string[]): void {
    const watched = [...this.#ports].filter(([name]) => !without.includes(name))
    this.prometheus.scrape(watched.map(([, port]) => `127.0.0.1:${port}`))
  }

  /** See `watched.ts`; empty, and all is well. */
  wrong(what: '' | 'blocks' | 'slow' | 'fails' | 'fails-behind' | 'drops'): void {
    if (what === '') rmSync(this.#faultFile, { force: true })
    else writeFileSync(this.#faultFile, what)
  }

  /** One record, to `in` where nothing else is named. */
  async put(input: RawInput, topic = 'in'): Promise<void> {
    await this.scene.feed(topic, [input])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wrong('')
    // It may wait for a broker that is gone: that is none of its business any more.
    void this.feed.stop().catch(() => {})
    await this.#stack.disposeAsync()
  }
}

interface Parts {
  readonly scene: Scene
  readonly hook: Hook
  readonly prometheus: Prometheus
  readonly broker: Broker | undefined
  readonly stack: AsyncDisposableStack
}
