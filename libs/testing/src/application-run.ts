import { assert } from '@millrace/errors'
import type { Cluster, Fetcher } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import {
  AtLeastOnce,
  type CommitStep,
  Committer,
  GlobalTables,
  logDecisions,
  type MarkedRecords,
  partitionKey,
  prepareSerdes,
  type StreamTask,
  type TimestampRefusals,
} from '@millrace/runtime'
import type { SimulatedCluster, VirtualClock } from '@millrace/simulation'
import type { Topology } from '@millrace/topology'
import { openTasks, silentLogger } from './open-tasks.ts'
import type { Settings } from './options.ts'
import { unknownTopic } from './topic-serdes.ts'

export interface ApplicationRunOptions {
  readonly topology: Topology
  readonly settings: Settings
  readonly cluster: SimulatedCluster
  readonly clock: VirtualClock
  /** By task; kept from run to run, while a failed record's effects are undone. */
  readonly marked: Map<string, MarkedRecords>
  /** What the brokers have refused, likewise. */
  readonly refusals: TimestampRefusals
}

/** Thrown inside a commit that is to die at a step; never seen outside. */
class CrashPoint extends Error {}

/** How long the simulated brokers hold a fetch without data, in virtual time. */
const fetchWaitMs = 10_000

/**
 * The application's process from its start to its end: every task of the topology, with the
 * engine's own tasks, restore and commit. It stands still unless it is told to go on.
 */
export class ApplicationRun {
  readonly tasks: readonly StreamTask[]
  readonly #options: ApplicationRunOptions
  readonly #client: Cluster
  readonly #delivery: AtLeastOnce
  readonly #committer: Committer
  readonly #globalTables: GlobalTables | null
  readonly #fetcher: Fetcher
  readonly #readerOf = new Map<string, StreamTask>()
  /** Where each source partition is fetched to. */
  readonly #fetchedTo = new Map<string, number>()
  #crashBefore: CommitStep | null = null

  private constructor(options: ApplicationRunOptions, opened: OpenedClient) {
    const { settings, clock } = options
    this.#options = options
    this.#client = opened.client
    this.#delivery = opened.delivery
    this.tasks = opened.tasks
    this.#globalTables = opened.globalTables
    this.#committer = new Committer({
      applicationId: settings.applicationId,
      delivery: opened.delivery,
      clock,
      onSealed: (task) =>
        logDecisions(
          { applicationId: settings.applicationId, clock, logger: silentLogger },
          opened.delivery.producer,
          task,
        ),
      onCrashPoint: (step) => {
        if (step === this.#crashBefore) throw new CrashPoint(step)
      },
    })
    this.#fetcher = opened.client.fetcher({ isolation: 'read_committed', maxWaitMs: fetchWaitMs })
    const queues = this.tasks.flatMap((task) => task.queues.map((queue) => ({ task, queue })))
    for (const { task, queue } of queues) {
      this.#readerOf.set(partitionKey(queue.source), task)
      this.#fetchedTo.set(partitionKey(queue.source), queue.position)
    }
    this.#fetcher.assign(queues.map(({ queue }) => ({ ...queue.source, offset: queue.position })))
  }

  /** Starts or starts again: from the committed offsets, with the state restored up to them. */
  static async start(options: ApplicationRunOptions): Promise<ApplicationRun> {
    const { applicationId } = options.settings
    const client = options.cluster.client({ clientId: applicationId })
    await client.connect()
    await prepareSerdes(options.topology)
    // The group has no members, so a commit needs none.
    const group = { commit: client.admin.resetOffsets.bind(client.admin, applicationId) }
    const delivery = new AtLeastOnce(client.producer({}), group)
    const globalTables = await GlobalTables.open({
      ...options,
      ...options.settings,
      cluster: client,
      thread: 0,
      logger: silentLogger,
      cacheRowsMax: 100_000,
    })
    try {
      const { producer } = delivery
      const tasks = await openTasks({ ...options, client, producer, globalTables })
      return new ApplicationRun(options, { client, delivery, tasks, globalTables })
    } catch (error) {
      await globalTables?.close()
      await delivery.close()
      await client.close()
      throw error
    }
  }

  /** Processes what lies in the topics to its end, through every repartition. */
  async settle(): Promise<void> {
    do {
      while (await this.#processAll()) {
        // What is written is read by the tasks downstream, committed or not.
        if (this.#delivery.producer.bufferedBytes() > 0) await this.#delivery.flush()
      }
    } while (this.#options.settings.commitAfterEachRecord && (await this.#commitOnce()))
  }

  /** Commits, and again what the commit itself sends downstream, until nothing is left to do. */
  async commit(): Promise<void> {
    while (await this.#commitOnce()) await this.settle()
  }

  /** What the clock brings: answers of brokers that found nothing, time told downstream. */
  async wake(): Promise<void> {
    await this.#take(0)
    await this.settle()
    await this.commit()
  }

  /** Holds a source partition (`partitionKey`) in its task, or lets it go. */
  hold(key: string, isHeld: boolean): void {
    const task = this.#readerOf.get(key)
    const queue = task?.queues.find(({ source }) => partitionKey(source) === key)
    if (task === undefined || queue === undefined)
      throw unknownTopic(`nothing reads ${key}`, this.#readerOf.keys())
    task.setPaused(queue.source, isHeld)
  }

  /** Begins a commit that ends at this step. */
  async crashAt(step: CommitStep): Promise<void> {
    this.#crashBefore = step
    try {
      await this.#committer.commit(this.tasks)
    } catch (error) {
      if (!(error instanceof CrashPoint)) throw error
    }
  }

  /** Ends it, as `kill -9` does: nothing more is committed. */
  async end(): Promise<void> {
    await this.#fetcher.close()
    await this.#delivery.close()
    for (const task of this.tasks) await task.close()
    await this.#globalTables?.close()
    await this.#client.close()
  }

  async #commitOnce(): Promise<boolean> {
    return (await this.#committer.commit(this.tasks)) !== 'nothing'
  }

  /** One round over all tasks; whether any record was processed. */
  async #processAll(): Promise<boolean> {
    await this.#fetch()
    let isAnyProcessed = false
    for (const task of this.tasks) {
      let markers = markersOf(task)
      while (task.process(1) > 0) {
        isAnyProcessed = true
        const wasMarker = markersOf(task) > markers
        markers = markersOf(task)
        if (this.#options.settings.commitAfterEachRecord && !wasMarker) await this.#commitOnce()
      }
      if (task.awaited !== null) {
        await task.awaited
        isAnyProcessed = true
      }
    }
    return isAnyProcessed
  }

  /** Brings everything that lies in the source topics. Virtual time stands still meanwhile. */
  async #fetch(): Promise<void> {
    const globalTables = this.#globalTables
    while (globalTables?.positions.some((at) => at.offset < this.#endOf(at))) {
      await globalTables.poll(1)
    }
    while (this.#isBehind()) await this.#take(1)
  }

  #isBehind(): boolean {
    for (const task of this.tasks) {
      for (const { source } of task.queues) {
        const fetchedTo = this.#fetchedTo.get(partitionKey(source)) as number
        if (fetchedTo < this.#endOf(source)) return true
      }
    }
    return false
  }

  #endOf({ topic, partition }: TopicPartition): number {
    return this.#options.cluster.lastStableOffset(topic, partition)
  }

  async #take(waitMs: number): Promise<void> {
    for (const fetched of await this.#fetcher.poll(waitMs)) {
      const key = partitionKey(fetched)
      const task = this.#readerOf.get(key)
      assert(task, `a task reads ${key}`)
      this.#fetchedTo.set(key, fetched.nextOffset)
      task.addFetched(fetched)
    }
  }
}

interface OpenedClient {
  readonly client: Cluster
  readonly delivery: AtLeastOnce
  readonly tasks: readonly StreamTask[]
  readonly globalTables: GlobalTables | null
}

function markersOf(task: StreamTask): number {
  let markers = 0
  for (const { left } of task.queues) markers += left.markers
  return markers
}
