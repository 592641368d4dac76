import { MillraceError } from '@millrace/errors'
import { RefusedTimestamps } from '@millrace/kafka'
import {
  type CommitStep,
  isSetAside,
  type MarkedRecords,
  partitionKey,
  TimestampRefusals,
} from '@millrace/runtime'
import { type NewRecord, SimulatedCluster, VirtualClock } from '@millrace/simulation'
import { type Duration, parseDuration } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import { ApplicationRun } from './application-run.ts'
import { Counts, type DroppedCounts, type LateCounts } from './counts.ts'
import { type DeadLetter, readDeadLetters } from './dead-letters.ts'
import { InputTopic } from './input-topic.ts'
import { type Settings, settingsOf, type TestDriverOptions } from './options.ts'
import { OutputTopic } from './output-topic.ts'
import { StoreView } from './store-view.ts'
import { type TopicSerdes, TopologyTopics, unknownTopic } from './topic-serdes.ts'
import { wallClockStepMs } from './wall-clock-step.ts'

/**
 * Runs a topology in the process, without a broker, one step at a time: the engine's own tasks,
 * commits and restore on a simulated cluster and a clock that stands still. A step (a record piped,
 * the clock advanced) is processed to its end, through every repartition, before it resolves.
 *
 * ```ts
 * const driver = await createTestDriver(wordCount)
 * const lines = driver.input<string, string>('lines')
 * const counts = driver.output<string, number>('counts')
 *
 * await lines.pipe(null, 'to be or not to be', { timestampMs: 1_000 })
 * counts.readAll().map(({ key, value }) => `${key} ${value}`)
 * // → ['to 1', 'be 1', 'or 1', 'not 1', 'to 2', 'be 2']
 * await driver.store('counts').get('be') // → 2
 *
 * await driver.crash()
 * await driver.resume({ keepState: false }) // restored from the changelog
 * await lines.pipe(null, 'be', { timestampMs: 2_000 })
 * counts.readAll() // → [{ key: 'be', value: 3, timestampMs: 2_000, headers: [], partition: 0 }]
 * await driver.close()
 * ```
 */
export class TopologyTestDriver {
  readonly topology: Topology
  readonly #settings: Settings
  readonly #topics: TopologyTopics
  readonly #clock: VirtualClock
  readonly #cluster: SimulatedCluster
  readonly #ended = new Counts()
  readonly #held = new Set<string>()
  readonly #marked = new Map<string, MarkedRecords>()
  readonly #refusals: TimestampRefusals
  /** Where each output topic is read to, by partition. */
  readonly #positions = new Map<string, number[]>()
  #run: ApplicationRun | null = null
  #failure: unknown = null

  private constructor(topology: Topology, options: TestDriverOptions) {
    this.topology = topology
    this.#settings = settingsOf(options)
    this.#topics = new TopologyTopics(topology)
    const { startAtMs } = options
    this.#clock = new VirtualClock(startAtMs === undefined ? {} : { startAtMs })
    // Event times of a test have nothing to do with its clock: a broker would refuse some.
    const topicConfigDefaults = { 'message.timestamp.after.max.ms': '9223372036854775807' }
    this.#refusals = new TimestampRefusals(this.#clock)
    this.#cluster = new SimulatedCluster({ clock: this.#clock, topicConfigDefaults })
    this.#createTopics(options)
  }

  /** See `createTestDriver`. */
  static async start(topology: Topology, options: TestDriverOptions): Promise<TopologyTestDriver> {
    const driver = new TopologyTestDriver(topology, options)
    await driver.resume()
    return driver
  }

  /** A topic that the topology reads. Its serdes are the topology's where none are passed. */
  input<K = unknown, V = unknown>(topic: string, serdes: TopicSerdes<K, V> = {}): InputTopic<K, V> {
    return new InputTopic<K, V>({
      topic,
      serdes: this.#topics.source(topic, serdes),
      partitionCount: this.#cluster.partitionCount(topic),
      pipe: (...record) => this.#pipe(...record),
    })
  }

  /**
   * A topic that the topology writes: results, late records. Its serdes are those that it is
   * written with where none are passed; with both passed, any topic, internal ones included.
   */
  output<K = unknown, V = unknown>(
    topic: string,
    serdes: TopicSerdes<K, V> = {},
  ): OutputTopic<K, V> {
    const known = this.#topics.written(topic, serdes)
    if (known === undefined || !this.#cluster.topics().includes(topic)) {
      throw unknownTopic(`the topology does not write topic ${topic}`, this.#topics.outputs.keys())
    }
    const count = this.#cluster.partitionCount(topic)
    const positions = this.#positions.get(topic) ?? Array.from({ length: count }, () => 0)
    this.#positions.set(topic, positions)
    return new OutputTopic<K, V>({ topic, positions, cluster: this.#cluster, serdes: known })
  }

  /** A store, by its name. Throws `MILLRACE_TESTING_STORE_UNKNOWN`. */
  store<K = unknown, V = unknown>(name: string): StoreView<K, V> {
    const spec = this.topology.stores.get(name)
    if (spec !== undefined) return new StoreView<K, V>(spec, () => this.#running().tasks)
    const known = [...this.topology.stores.keys()].join(', ') || 'none'
    throw new MillraceError('MILLRACE_TESTING_STORE_UNKNOWN', {
      message: `the topology has no store ${name}; there are: ${known}`,
    })
  }

  /** The wall clock, milliseconds since the epoch. */
  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Moves the wall clock and does what is due by then, commits included. Moves no stream time. */
  async advanceWallClock(by: Duration): Promise<void> {
    let leftMs = parseDuration(by, 'the step of the wall clock')
    while (leftMs > 0) {
      const stepMs = Math.min(leftMs, wallClockStepMs(this.#running().tasks))
      await this.#clock.advance(stepMs)
      await this.#guarded((run) => run.wake())
      leftMs -= stepMs
    }
  }

  /** Commits what was processed. Needed only with `commitAfterEachRecord: false`. */
  async commit(): Promise<void> {
    this.#running()
    await this.#guarded((run) => run.commit())
  }

  /**
   * Ends the application as `kill -9` does: what is not committed is lost. With `before`, in the
   * middle of a commit: before the step named (`commitSteps` of the engine).
   */
  async crash({ before }: { readonly before?: CommitStep } = {}): Promise<void> {
    const run = this.#running()
    if (before !== undefined) await run.crashAt(before)
    await this.#end(run)
  }

  /**
   * Starts the application again after a crash: the state is taken from where the process left it
   * or, without `keepState`, restored from the changelog. Goes on from the committed offsets.
   */
  async resume({ keepState = true }: { readonly keepState?: boolean } = {}): Promise<void> {
    if (this.#run !== null)
      throw wrongState('the application is running; only after a crash is it resumed')
    this.#failure = null
    const { backends } = this.#settings
    if (!keepState) for (const name of await backends.list()) await backends.destroy(name)
    this.#marked.clear()
    await this.#start()
    await this.#guarded((run) => run.settle())
  }

  /**
   * Holds a source partition: its records wait in the topic, and time waits for them, as with a
   * reader that lags behind. Until `release`.
   */
  hold(topic: string, partition = 0): void {
    const key = partitionKey({ topic, partition })
    this.#held.add(key)
    this.#run?.hold(key, true)
  }

  /** Lets a held partition go and processes what waits in it. */
  async release(topic: string, partition = 0): Promise<void> {
    const key = partitionKey({ topic, partition })
    this.#held.delete(key)
    const run = this.#run
    if (run === null) return
    run.hold(key, false)
    await this.#guarded((each) => each.settle())
  }

  /** Records left out so far, by operator and reason. What is done again after a crash counts again. */
  dropped(): DroppedCounts {
    return this.#counts().dropped()
  }

  /** Late records so far, by operator, once for each window that was missed. */
  late(): LateCounts {
    return this.#counts().late()
  }

  /** All records of the dead-letter topic. */
  deadLetters(): DeadLetter[] {
    const { deadLetterTopic } = this.#settings
    return deadLetterTopic === undefined ? [] : readDeadLetters(this.#cluster, deadLetterTopic)
  }

  async close(): Promise<void> {
    if (this.#run !== null) await this.#end(this.#run)
    await this.#cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #pipe(topic: string, partition: number, record: NewRecord): Promise<void> {
    if (this.#failure !== null) throw stopped(this.#failure)
    this.#cluster.append(topic, partition, record)
    await this.#guarded((run) => run.settle())
  }

  async #start(): Promise<void> {
    this.#run = await ApplicationRun.start({
      topology: this.topology,
      settings: this.#settings,
      cluster: this.#cluster,
      clock: this.#clock,
      marked: this.#marked,
      refusals: this.#refusals,
    })
    for (const key of this.#held) this.#run.hold(key, true)
  }

  /** What the engine throws ends the application, as it ends a worker; does nothing without one. */
  async #guarded(work: (run: ApplicationRun) => Promise<void>): Promise<void> {
    try {
      while (this.#run !== null && !(await this.#isDone(this.#run, work))) await this.#start()
    } catch (error) {
      this.#failure = error
      if (this.#run !== null) await this.#end(this.#run)
      throw error
    }
  }

  /** False where a failed record's effects have to be undone: the run has ended for that. */
  async #isDone(
    run: ApplicationRun,
    work: (run: ApplicationRun) => Promise<void>,
  ): Promise<boolean> {
    try {
      await work(run)
      return true
    } catch (error) {
      if (error instanceof RefusedTimestamps) this.#refusals.learn(error)
      else if (!isSetAside(error)) throw error
      await this.#end(run)
      return false
    }
  }

  async #end(run: ApplicationRun): Promise<void> {
    this.#ended.take(run.tasks)
    this.#run = null
    await run.end()
  }

  #running(): ApplicationRun {
    if (this.#run !== null) return this.#run
    throw stopped(this.#failure)
  }

  #counts(): Counts {
    return this.#run === null ? this.#ended : this.#ended.copy().take(this.#run.tasks)
  }

  #createTopics({ partitions = {}, topicConfigs = {} }: TestDriverOptions): void {
    const external = new Set([...this.#topics.sources.keys(), ...this.#topics.outputs.keys()])
    const { deadLetterTopic } = this.#settings
    if (deadLetterTopic !== undefined) external.add(deadLetterTopic)
    for (const topic of Object.keys({ ...partitions, ...topicConfigs })) {
      if (!external.has(topic)) {
        throw unknownTopic(`the topology has no topic ${topic}`, external)
      }
    }
    for (const topic of external) {
      const partitionCount = partitions[topic] ?? 1
      this.#cluster.createTopic(topic, { partitionCount, configs: topicConfigs[topic] ?? {} })
    }
  }
}

/** Starts a topology; see `TopologyTestDriver`. Rejects with what a worker would refuse it for. */
export function createTestDriver(
  topology: Topology,
  options: TestDriverOptions = {},
): Promise<TopologyTestDriver> {
  return TopologyTestDriver.start(topology, options)
}

function stopped(failure: unknown): MillraceError {
  const why = failure === null ? 'it has crashed' : 'it stopped at an error'
  return wrongState(`the application is not running: ${why}`, failure)
}

function wrongState(message: string, cause: unknown = null): MillraceError {
  return new MillraceError('MILLRACE_TESTING_STATE', { message, cause: cause ?? undefined })
}
