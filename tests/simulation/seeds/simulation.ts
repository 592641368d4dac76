import { SimulatedCluster, VirtualClock } from '@millrace/simulation'
import { partitionCount, repartition, topics } from './application.ts'
import type { Checker, Watcher } from './checkers/checker.ts'
import { checkers } from './checkers/index.ts'
import type { Evidence } from './evidence.ts'
import { Feed } from './feed.ts'
import { Fleet } from './fleet.ts'
import { networkFaults, noMoreFaults } from './network-faults.ts'
import { type Scenario, scenarioOf, troubleMs } from './scenario.ts'
import type { Guarantee, Tampering } from './simulated-process.ts'
import { Trace } from './trace.ts'

export interface Outcome {
  readonly seed: number
  readonly guarantee: Guarantee
  readonly failures: readonly {
    readonly checker: string
    readonly differences: readonly string[]
  }[]
  /** The same for the same seed, on every machine. */
  readonly trace: string
  readonly story: readonly string[]
  readonly records: number
  /** Readings that came out more than once. */
  readonly repeated: number
  readonly virtualMs: number
}

const tickMs = 100
const settleLimitMs = 120_000

/** Runs a seed to its end and judges it. */
export async function simulate(
  seed: number,
  guarantee: Guarantee,
  tampering?: Tampering,
): Promise<Outcome> {
  const run = new Simulation(scenarioOf(seed), guarantee, tampering)
  try {
    return await run.toTheEnd()
  } finally {
    await run.close()
  }
}

/** One seed: trouble while records come in, then calm until everything is committed. */
class Simulation {
  readonly #scenario: Scenario
  readonly #guarantee: Guarantee
  readonly #clock = new VirtualClock()
  readonly #trace = new Trace(() => this.#clock.monotonicMs())
  readonly #cluster: SimulatedCluster
  readonly #fleet: Fleet
  readonly #feed: Feed
  readonly #checkers: readonly Checker[]
  readonly #watchers: readonly Watcher[]

  constructor(scenario: Scenario, guarantee: Guarantee, tampering?: Tampering) {
    this.#scenario = scenario
    this.#guarantee = guarantee
    const { markerDelayMs, feed } = scenario
    const clock = this.#clock
    this.#cluster = new SimulatedCluster({ clock, brokerCount: 3, markerDelayMs })
    for (const topic of Object.values(topics)) this.#cluster.createTopic(topic, { partitionCount })
    const cluster = this.#cluster
    this.#feed = new Feed(cluster, feed, clock.nowMs())
    this.#fleet = new Fleet({ scenario, guarantee, clock, cluster, trace: this.#trace, tampering })
    this.#checkers = checkers.filter(({ guarantees }) => guarantees.includes(guarantee))
    this.#watchers = this.#checkers.map((checker) => checker.start())
  }

  async toTheEnd(): Promise<Outcome> {
    this.#cluster.faults = networkFaults(this.#scenario, this.#cluster, this.#trace, () =>
      this.#fleet.transactionalIds(),
    )
    await this.#trouble()
    this.#cluster.faults = noMoreFaults(this.#trace)
    this.#fleet.endTrouble()
    const unsettled = await this.#settle()
    const owners = this.#fleet.killAll()
    await this.#advance(1_000)
    return this.#judge(unsettled, owners)
  }

  close(): Promise<void> {
    return this.#cluster.close()
  }

  async #trouble(): Promise<void> {
    while (this.#clock.monotonicMs() < troubleMs) {
      this.#fleet.tick()
      this.#feed.write(this.#clock.monotonicMs())
      await this.#advance(tickMs)
    }
  }

  /** Null when all is read, committed and decided; else what is not. */
  async #settle(): Promise<string | null> {
    const untilMs = this.#clock.monotonicMs() + settleLimitMs
    for (let calmTicks = 0; ; ) {
      this.#fleet.tick()
      await this.#advance(tickMs)
      const missing = this.#missing()
      calmTicks = missing === null ? calmTicks + 1 : 0
      // Long enough for what was decided to be applied, and for its time to reach downstream.
      if (calmTicks > 40) return null
      if (missing !== null && this.#clock.monotonicMs() > untilMs) return missing
    }
  }

  #missing(): string | null {
    const cluster = this.#cluster
    if (!this.#fleet.isSettled) return 'not every worker runs'
    for (const topic of [topics.input, repartition]) {
      for (let partition = 0; partition < partitionCount; partition++) {
        const endOffset = cluster.endOffset(topic, partition)
        const committed = cluster.committedOffset('app', topic, partition)
        if (endOffset > 0 && committed < endOffset) {
          return `${topic}-${partition} is committed up to ${committed} of ${endOffset}`
        }
      }
    }
    for (const topic of cluster.topics()) {
      for (let partition = 0; partition < cluster.partitionCount(topic); partition++) {
        if (cluster.lastStableOffset(topic, partition) < cluster.endOffset(topic, partition)) {
          return `a transaction is open in ${topic}-${partition}`
        }
      }
    }
    return null
  }

  async #advance(byMs: number): Promise<void> {
    await this.#clock.advance(byMs)
    const evidence = this.#evidence(new Map())
    for (const watcher of this.#watchers) watcher.watch?.(evidence)
  }

  async #judge(unsettled: string | null, owners: Evidence['owners']): Promise<Outcome> {
    const evidence = this.#evidence(owners)
    const failures: { checker: string; differences: readonly string[] }[] = []
    if (unsettled !== null) failures.push({ checker: 'everything-ends', differences: [unsettled] })
    for (const [index, { name }] of this.#checkers.entries()) {
      const differences = (await this.#watchers[index]?.differences(evidence)) ?? []
      if (differences.length > 0) failures.push({ checker: name, differences })
    }
    const ids = this.#cluster.readAll(topics.echo).map(({ value }) => JSON.parse(String(value)).id)
    return {
      seed: this.#scenario.seed,
      guarantee: this.#guarantee,
      failures,
      trace: this.#trace.digest(this.#cluster),
      story: this.#trace.story,
      records: this.#feed.records.length,
      repeated: ids.length - new Set(ids).size,
      virtualMs: this.#clock.monotonicMs(),
    }
  }

  #evidence(owners: Evidence['owners']): Evidence {
    const { log, failures, machines } = this.#fleet
    const fed = this.#feed.records
    return {
      guarantee: this.#guarantee,
      cluster: this.#cluster,
      machines,
      fed,
      log,
      failures,
      owners,
    }
  }
}
