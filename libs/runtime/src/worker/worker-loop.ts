import { isMillraceError, unreachable } from '@millrace/errors'
import { type FetchedPartition, type Fetcher, RefusedTimestamps } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { decodeAssignmentData } from '../assignment/member-data.ts'
import { partitionKey } from '../assignment/task-definition.ts'
import { isSetAside } from '../failure/failure-handler.ts'
import { isOvertaken } from '../failure/overtaken.ts'
import { recover } from '../failure/recover.ts'
import { checkPartitionCounts } from '../internal-topics/check-counts.ts'
import type { StreamTask } from '../task/stream-task.ts'
import { CommitSchedule } from './commit-schedule.ts'
import type { WorkerEnvironment } from './environment.ts'
import { backoffMs, pause } from './pause.ts'
import type { PendingRequest, WorkerRequest } from './request-queue.ts'
import { TaskFailure } from './tasks/running-tasks.ts'
import { TaskLifecycle } from './tasks/task-lifecycle.ts'
import type { OpenedTask } from './tasks/task-opener.ts'
import { guaranteeOf } from './worker-options.ts'

const sliceMs = 20
const sliceRecordsMax = 20_000
const idlePollMs = 50
const gaugesIntervalMs = 1_000
/** While a broker is there, fetches are answered at least every half second and heartbeats every three. */
const silentBrokerMs = 15_000

/**
 * The worker at its own pace: requests → process a bounded slice → poll → maybe commit, for ever.
 * Whatever others want (a rebalance, a stop, a pause) waits for the gap between two slices, so that
 * no task is touched while it processes.
 */
export class WorkerLoop {
  readonly #environment: WorkerEnvironment
  readonly #fetcher: Fetcher
  readonly #tasks: TaskLifecycle
  readonly #commits: CommitSchedule
  #isStopAsked = false
  /** Tasks were dropped because the group went on; it has not said yet what is ours. */
  #awaitsGroup = true
  /** What the loop is recovering from. */
  #failure: unknown = null
  #failures = 0
  #gaugesAtMs = Number.NEGATIVE_INFINITY
  #answeredAtMs: number

  constructor(environment: WorkerEnvironment) {
    this.#environment = environment
    this.#fetcher = environment.clusters.fetch.fetcher({ isolation: 'read_committed' })
    this.#tasks = new TaskLifecycle(environment, this.#fetcher)
    this.#commits = new CommitSchedule(environment)
    this.#answeredAtMs = environment.options.clock.monotonicMs()
  }

  askToStop(): void {
    this.#isStopAsked = true
  }

  /** Everything assigned runs, and the brokers answer. */
  get isReady(): boolean {
    const { state, options, member } = this.#environment
    if (state.state !== 'running' || this.#awaitsGroup || this.#failure !== null) return false
    // Without a fetch under way, for a worker without tasks say, only the group is heard of.
    const silentMs = this.#tasks.running.isFetching
      ? options.clock.monotonicMs() - this.#answeredAtMs
      : member.silentMs()
    return silentMs < silentBrokerMs
  }

  tasks(): readonly StreamTask[] {
    return this.#tasks.running.all()
  }

  openingTasks(): readonly string[] {
    return this.#tasks.openingTasks
  }

  /** Resolves when a stop was asked for and done; rejects with what the worker cannot go on from. */
  async run(): Promise<void> {
    while (!this.#isStopAsked) {
      try {
        if (this.#failure === null) await this.#pass()
        else await this.#recover(this.#failure)
        this.#failure = null
      } catch (error) {
        // What recovery itself cannot go on from comes back as it was.
        if (error === causeOf(this.#failure)) throw error
        this.#failure = error
      }
    }
    this.#environment.state.enter('stopping')
    // What failed has not been recovered from: its tasks may hold half of a record.
    if (this.#failure !== null) {
      const { logger } = this.#environment.options
      logger.warn(
        { err: causeOf(this.#failure) },
        'stopped after a failure: what was not committed is done again elsewhere',
      )
      return
    }
    if (this.tasks().length === 0) return
    for (const task of this.tasks()) task.tellNotIdle()
    await this.#commitLast()
  }

  /** Lets go of everything; nothing more is committed. */
  async close(): Promise<void> {
    await this.#tasks.close()
    await this.#fetcher.close()
    await this.#commits.close()
  }

  /** What the cluster refuses now, a fenced member's commit say, is done again by whoever takes over. */
  async #commitLast(): Promise<void> {
    try {
      await this.#commits.commitNow(this.tasks())
    } catch (thrown) {
      const { logger } = this.#environment.options
      const leave = (error: unknown): void =>
        logger.warn({ err: error }, 'the last commit was refused; it is done again elsewhere')
      const end = (error: unknown): never => {
        throw error
      }
      recover<void>(thrown, {
        retry: leave,
        rejoin: leave,
        'restore-task': leave,
        skip: end,
        'dead-letter': end,
        stop: end,
      })
    }
  }

  async #pass(): Promise<void> {
    await this.#handleRequests()
    if (this.#isStopAsked) return
    await this.#environment.globalTables?.poll(0)
    const processed = this.#processSlice()
    this.#tasks.running.enqueue(await this.#poll(processed > 0 ? 0 : idlePollMs))
    if (!this.#awaitsGroup) await this.#commits.commitWhenDue(this.tasks())
    this.#publishGauges()
    if (processed > 0) await this.#yield()
  }

  async #poll(timeoutMs: number): Promise<readonly FetchedPartition[]> {
    const polled = await this.#fetcher.poll(timeoutMs)
    if (polled.length > 0) this.#answeredAtMs = this.#environment.options.clock.monotonicMs()
    return polled
  }

  #processSlice(): number {
    // Full and unable to commit: wait for the group or the broker instead of growing.
    if (this.#commits.isFull(this.tasks())) return 0
    const { clock } = this.#environment.options
    try {
      return this.#tasks.running.process(() => clock.monotonicMs(), sliceMs, sliceRecordsMax)
    } catch (error) {
      this.#commits.discard()
      throw error
    }
  }

  #yield(): Promise<void> {
    const { yieldToEventLoop } = this.#environment.options
    return yieldToEventLoop?.() ?? new Promise((resolve) => setImmediate(resolve))
  }

  async #handleRequests(): Promise<void> {
    const { requests } = this.#environment
    for (;;) {
      // Before a request is taken: one that was taken is done or refused, never forgotten.
      await this.#commits.ensureOpen()
      const pending = requests.take()
      if (pending === undefined) break
      await this.#handle(pending)
      if (this.#isStopAsked) return
    }
    this.#updateState()
  }

  async #handle({ request, resolve, reject }: PendingRequest): Promise<void> {
    try {
      await this.#do(request)
      resolve()
    } catch (error) {
      reject(error)
      throw error
    }
  }

  #do(request: WorkerRequest): Promise<void> | void {
    switch (request.kind) {
      case 'rejoin':
        return this.#beforeRejoin()
      case 'revoke':
        return this.#revoke(request.partitions)
      case 'assign':
        return this.#assign(request.partitions, request.userData)
      case 'lose':
        return this.#lose(request.partitions)
      case 'opened':
        return this.#start(request.opened)
      case 'failed':
        throw request.error
      case 'pause':
        return this.#tasks.running.hold(request.partitions, true)
      case 'resume':
        return this.#tasks.running.hold(request.partitions, false)
      default:
        return unreachable(request)
    }
  }

  async #start(opened: OpenedTask): Promise<void> {
    await this.#tasks.start(opened, this.#commits.collector)
    // Its first record may block for long, and these are what is seen meanwhile.
    this.#gaugesAtMs = Number.NEGATIVE_INFINITY
    this.#publishGauges()
  }

  async #beforeRejoin(): Promise<void> {
    this.#environment.metrics.rebalancing()
    await this.#commits.commitNow(this.tasks())
    this.#commits.isHeld = true
  }

  async #assign(partitions: readonly TopicPartition[], userData: Buffer): Promise<void> {
    const { metrics, topics, clusters, options, peers } = this.#environment
    metrics.assigned()
    peers.assigned(decodeAssignmentData(userData))
    this.#commits.isHeld = false
    this.#awaitsGroup = false
    this.#tasks.own(partitions)
    await checkPartitionCounts(clusters.produce, topics)
    options.logger.info({ assigned: partitions.map(partitionKey) }, 'partitions assigned')
    this.#tasks.openMissing()
  }

  /** In good order: commit, close, and only then let the group go on. */
  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    this.#commits.isHeld = false
    try {
      for (const task of this.#tasks.running.reading(partitions)) task.tellNotIdle()
      await this.#commits.commitNow(this.tasks())
    } finally {
      // Also where the commit failed: they are somebody else's from here on.
      await this.#tasks.giveUp(partitions)
    }
  }

  /** Somebody else has them already: what is not committed is dropped. */
  async #lose(partitions: readonly TopicPartition[]): Promise<void> {
    const { options, metrics } = this.#environment
    const { logger } = options
    metrics.rebalancing()
    logger.warn({ lost: partitions.map(partitionKey) }, 'partitions lost')
    this.#commits.isHeld = false
    this.#awaitsGroup = true
    await this.#tasks.dropAll()
    await this.#tasks.giveUp(partitions)
    await this.#commits.close()
  }

  #updateState(): void {
    const { state } = this.#environment
    if (this.#awaitsGroup) state.enter('rebalancing')
    else state.enter(this.#tasks.openingTasks.length > 0 ? 'restoring' : 'running')
  }

  #publishGauges(): void {
    const { options, metrics } = this.#environment
    const nowMs = options.clock.monotonicMs()
    if (nowMs - this.#gaugesAtMs < gaugesIntervalMs) return
    this.#gaugesAtMs = nowMs
    metrics.gauges(this.tasks(), this.#tasks.opening)
  }

  /** What passes by itself is started again from the last commit; the rest ends the worker. */
  async #recover(thrown: unknown): Promise<void> {
    const task = thrown instanceof TaskFailure ? thrown.task : null
    const error = causeOf(thrown)
    const end = (): Promise<void> => {
      throw error
    }
    if (error instanceof RefusedTimestamps) {
      this.#commits.learn(error)
      return this.#startAgain(error, null)
    }
    await recover<Promise<void>>(error, {
      retry: () => this.#startAgain(error, null),
      rejoin: () => {
        this.#awaitsGroup = true
        this.#environment.member.rejoin()
        return this.#startAgain(error, null)
      },
      'restore-task': () => this.#startAgain(error, task),
      skip: end,
      'dead-letter': end,
      stop: async () => {
        const { options, clusters } = this.#environment
        if (!(await isOvertaken(error, options.applicationId, clusters.produce))) throw error
        await this.#startAgain(error, null)
      },
    })
  }

  async #startAgain(error: unknown, wipe: string | null): Promise<void> {
    const { clock, logger } = this.#environment.options
    this.#failures = this.#commits.hasCommitted ? 1 : this.#failures + 1
    this.#countAborted(error)
    logger.warn({ err: error, attempt: this.#failures }, 'tasks start again from the last commit')
    // A record that was set aside is not met again: there is nothing to wait for.
    const isRecord = isSetAside(error) || error instanceof RefusedTimestamps
    if (isRecord) await this.#tasks.rollBackAll()
    else await this.#tasks.dropAll()
    await this.#commits.close()
    if (!isRecord) await pause(clock, backoffMs(this.#failures))
    if (!this.#awaitsGroup) this.#tasks.openMissing(wipe)
    this.#updateState()
  }

  #countAborted(error: unknown): void {
    const { options, metrics } = this.#environment
    const code = isMillraceError(error) ? error.code : 'other'
    if (guaranteeOf(options) === 'exactly_once') metrics.aborted(code)
    if (isMillraceError(error) && error.recovery === 'rejoin') metrics.fenced(code)
  }
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof TaskFailure ? thrown.cause : thrown
}
