import type { Fetcher } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey, type TaskDefinition } from '../../assignment/task-definition.ts'
import { fenceVanished } from '../../commit/fence-vanished.ts'
import { markDecided } from '../../decisions/mark-decided.ts'
import { MarkedRecords } from '../../failure/marked-records.ts'
import type { RecordCollector } from '../../output/record-collector.ts'
import { Restorer } from '../../restore/restorer.ts'
import type { StreamTask } from '../../task/stream-task.ts'
import type { WorkerEnvironment } from '../environment.ts'
import { guaranteeOf } from '../worker-options.ts'
import { RunningTasks } from './running-tasks.ts'
import { createTask } from './task-factory.ts'
import { type OpenedTask, TaskOpener } from './task-opener.ts'

/**
 * From an assignment to running tasks and back. A task is ours when all its partitions are; it is
 * opened and restored beside the loop, runs, and is dropped or given up.
 */
export class TaskLifecycle {
  readonly running: RunningTasks
  readonly #environment: WorkerEnvironment
  readonly #fetcher: Fetcher
  readonly #restorer: Restorer
  readonly #opener: TaskOpener
  readonly #owned = new Map<string, TopicPartition>()
  /** Of each task, for as long as it is ours. */
  readonly #marked = new Map<string, MarkedRecords>()
  /** Tasks whose state is open and that the loop has not started yet. */
  readonly #opened = new Set<string>()

  constructor(environment: WorkerEnvironment, fetcher: Fetcher) {
    const { options, clusters, topics, fingerprint, metrics, requests } = environment
    const { clock, logger } = options
    this.#environment = environment
    this.#fetcher = fetcher
    this.running = new RunningTasks(fetcher)
    this.#restorer = new Restorer({
      cluster: clusters.restore,
      clock,
      onProgress(progress) {
        metrics.restore(progress)
        options.onRestoreProgress?.(progress)
      },
    })
    this.#opener = new TaskOpener(
      {
        topology: options.topology,
        backends: options.backends,
        applicationId: options.applicationId,
        groupId: options.applicationId,
        startOffset: options.startOffset ?? 'earliest',
        cacheRowsMax: options.cacheRowsMax ?? 100_000,
        deleteRetentionMs: topics.deleteRetentionMs,
        cluster: clusters.produce,
        readsDecisions: guaranteeOf(options) === 'at_least_once',
        fence: () => fenceVanished(clusters.produce, environment.peers, logger),
        restorer: this.#restorer,
        fingerprint,
        clock,
        logger,
      },
      (opened) => {
        this.#opened.add(opened.definition.name)
        requests.tell({ kind: 'opened', opened }, () => void opened.state?.close())
      },
      (error) => requests.tell({ kind: 'failed', error }),
    )
  }

  get openingTasks(): readonly string[] {
    return this.#opener.openingTasks
  }

  /** The same, as the topology has them, and those that the loop is about to start. */
  get opening(): readonly TaskDefinition[] {
    const names = new Set([...this.openingTasks, ...this.#opened])
    return this.#environment.tasks.filter(({ name }) => names.has(name))
  }

  own(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#owned.set(partitionKey(partition), partition)
  }

  /** Opens every task that is ours and neither runs nor is being opened, or is about to run. */
  openMissing(wipe: string | null = null): void {
    const isUnderWay = (name: string): boolean =>
      this.running.has(name) || this.#opener.isOpening(name) || this.#opened.has(name)
    const missing = this.#environment.tasks.filter(
      (task) => this.#isOwned(task) && !isUnderWay(task.name),
    )
    const { peers } = this.#environment
    // Those who open the tasks of a vanished member fence it.
    if (missing.length === 0) peers.forget(peers.vanished)
    this.#opener.open(missing, wipe)
  }

  /** What was opened begins to run, unless it is no longer ours. */
  async start(opened: OpenedTask, collector: RecordCollector): Promise<void> {
    const { definition, state } = opened
    this.#opened.delete(definition.name)
    if (!this.#isOwned(definition) || this.running.has(definition.name)) return state?.close()
    if (state !== null) this.#environment.tasksOnDisk.add(definition.name)
    try {
      const marked = this.#marked.get(definition.name) ?? new MarkedRecords()
      this.#marked.set(definition.name, marked)
      markDecided(marked, opened.decisions)
      for (const { topic, partition, offset, by, reason } of opened.skips)
        marked.mark(partitionKey({ topic, partition }), offset, { kind: 'skip', by, reason })
      const onReady = (): void => this.#fetcher.wake()
      this.running.add(createTask(this.#environment, collector, opened, marked, onReady))
    } catch (error) {
      await state?.close()
      throw error
    }
    this.#environment.options.logger.info({ task: definition.name }, 'task running')
  }

  /** Partitions and their tasks are no longer ours; resolves when the states are closed. */
  async giveUp(partitions: readonly TopicPartition[]): Promise<void> {
    const keys = new Set(partitions.map(partitionKey))
    for (const key of keys) this.#owned.delete(key)
    const gone = this.#environment.tasks.filter(({ sources }) =>
      sources.some((source) => keys.has(partitionKey(source))),
    )
    for (const { name } of gone) this.#marked.delete(name)
    await Promise.all(gone.map(({ name }) => this.#opener.cancel(name)))
    this.running.forgetRolledBack(partitions)
    await this.#drop(this.running.reading(partitions))
  }

  /** Every running task ends where its last commit was. */
  dropAll(): Promise<void> {
    this.running.forgetRolledBack()
    return this.#drop(this.running.all())
  }

  /**
   * Every running task ends where its last commit was, and its state stays open for the next run:
   * nothing on the disk has changed.
   */
  async rollBackAll(): Promise<void> {
    const tasks = this.running.all()
    for (const task of tasks) this.#environment.metrics.forget(task)
    this.running.rollBack(tasks)
    for (const task of tasks) {
      const kept = await task.rollBack()
      if (kept !== null) this.#opener.keep(task.name, kept)
    }
  }

  async close(): Promise<void> {
    const { openingTasks, keptTasks } = this.#opener
    const opening = [...openingTasks, ...keptTasks].map((task) => this.#opener.cancel(task))
    await Promise.all([...opening, this.dropAll()])
    await this.#restorer.close()
  }

  async #drop(tasks: readonly StreamTask[]): Promise<void> {
    for (const task of tasks) this.#environment.metrics.forget(task)
    await this.running.close(tasks)
  }

  #isOwned(task: TaskDefinition): boolean {
    return task.sources.every((source) => this.#owned.has(partitionKey(source)))
  }
}
