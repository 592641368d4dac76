import { assert } from '@millrace/errors'
import type { CommittedOffset, FetchedPartition, PartitionOffset } from '@millrace/kafka'
import { isUnresolved, type Record, type TopicPartition } from '@millrace/record'
import type { SealedChanges, TaskState } from '@millrace/store'
import { silentLogger, Whereabouts } from '@millrace/telemetry'
import { partitionKey, type TaskDefinition } from '../assignment/task-definition.ts'
import { CallsAhead } from '../calls/calls-ahead.ts'
import { AheadOfClock } from '../decisions/ahead-of-clock.ts'
import { Decisions } from '../decisions/decisions.ts'
import { FailureHandler } from '../failure/failure-handler.ts'
import { MarkedRecords, noMark } from '../failure/marked-records.ts'
import { PunctuationFailures } from '../failure/punctuation-failures.ts'
import { ReleasedResults } from '../failure/released-results.ts'
import { UnsealedRecords } from '../failure/unsealed-records.ts'
import { PartitionerCheck } from '../metrics/partitioner-check.ts'
import { ChangelogOutput } from '../output/changelog-output.ts'
import { DeadLetterOutput } from '../output/dead-letter-output.ts'
import { sourceOf } from '../output/late-record.ts'
import { notedOffset } from '../restore/kept-times.ts'
import type { OpenedState } from '../restore/open-state.ts'
import { IdleAdvance } from '../time/idle-advance.ts'
import { IdleWatch } from '../time/idle-watch.ts'
import { InputFrontier } from '../time/input-frontier.ts'
import { StoredTimes } from '../time/stored-times.ts'
import { TaskTime } from '../time/task-time.ts'
import { TimeSteps } from '../time/time-steps.ts'
import { type CompiledTask, compileTask } from './compile-task.ts'
import { openSource } from './open-source.ts'
import { PartitionGroup } from './partition-group.ts'
import { processorContext } from './processor-context.ts'
import { Punctuations } from './punctuations.ts'
import type { Effects } from './receiver.ts'
import { isHeartbeat, type RecordQueue } from './record-queue.ts'
import type { Source } from './source-runner.ts'
import type { StreamTaskOptions } from './stream-task-options.ts'

/**
 * One task: the operators of a sub-topology at one partition number, their state and the queues
 * that feed them. Processing is synchronous: what it writes waits in the producer and in the state's
 * buffer until `commitTasks` makes it durable (Kafka Streams' `StreamTask`).
 */
export class StreamTask {
  readonly definition: TaskDefinition
  readonly name: string
  readonly queues: readonly RecordQueue[]
  /** Null where the sub-topology has no stores. */
  readonly state: TaskState | null
  readonly time: TaskTime
  readonly compiled: CompiledTask
  readonly deadLetters: DeadLetterOutput | null
  readonly idleWatch: IdleWatch
  readonly frontier: InputFrontier
  readonly partitioners: PartitionerCheck
  /** What the clock decided since the last commit: goes to the decision log. */
  readonly decisions = new Decisions()
  /** For metrics: the wall clock. */
  lastProcessedAtMs = -1
  /** `process` ended behind the last of many marked records: a commit is to come first. */
  isPastMark = false
  readonly changelogs: ChangelogOutput
  readonly #options: StreamTaskOptions
  readonly #group: PartitionGroup
  readonly #ahead: AheadOfClock
  readonly #idleAdvance: IdleAdvance
  readonly #steps: TimeSteps
  readonly #punctuations: Punctuations
  readonly #sources = new Map<RecordQueue, Source>()
  readonly #storedTimes: StoredTimes | null
  readonly #failures: FailureHandler
  readonly #marked: MarkedRecords
  readonly #effects: Effects = { count: 0 }
  readonly #whereabouts: Whereabouts
  readonly #unsealed = new UnsealedRecords()
  readonly calls: CallsAhead | null
  #currentQueue: RecordQueue | null = null
  #isCommitAsked = false
  #awaited: Promise<void> | null = null
  /** Empty until this task commits: a position that was never committed gets so at once. */
  committedOffsets: readonly PartitionOffset[] = []
  #hasChanges = false

  constructor(options: StreamTaskOptions) {
    const { definition, timePlan, state } = options
    const sub = definition.subTopology
    this.#options = options
    this.definition = definition
    this.name = definition.name
    this.state = state
    this.time = new TaskTime({
      taskId: definition.id,
      hasExternalSources: sub.sourceTopics.length > 0,
      writers: timePlan.isShared(sub) ? timePlan.writersOf(sub) : [],
    })
    this.changelogs = new ChangelogOutput(options)
    this.#storedTimes = state === null ? null : new StoredTimes(state, sub.stores, this.time)
    this.deadLetters = DeadLetterOutput.of(options, this.name)
    const { marked = new MarkedRecords(), logger = silentLogger } = options
    this.#marked = marked
    this.#whereabouts = options.whereabouts ?? new Whereabouts()
    const failing = { ...options, marked, logger, deadLetters: this.deadLetters }
    this.#failures = new FailureHandler(failing)
    this.calls = CallsAhead.of({ ...failing, subTopology: sub })
    this.compiled = compileTask({
      ...options,
      subTopology: sub,
      taskId: definition.id,
      time: this.time,
      currentSource: () => sourceOf(this.#currentQueue),
      effects: this.#effects,
      releases: new ReleasedResults(failing),
      isByIdleAdvance: (timeMs) => this.#idleAdvance.isBehind(timeMs),
      whereabouts: this.#whereabouts,
    })
    const calls = new PunctuationFailures({ ...failing, ...this.compiled, effects: this.#effects })
    this.#punctuations = new Punctuations((call, nowMs) => calls.run(call, nowMs))
    this.queues = definition.sources.map((source, index) => this.#openQueue(source, index))
    this.calls?.watch(this.queues)
    this.partitioners = new PartitionerCheck({ ...options, logger, queues: this.queues })
    this.#ahead = new AheadOfClock(this.#sources, this.#failures, this)
    this.frontier = new InputFrontier(definition.sources, options.clock.nowMs())
    this.#group = new PartitionGroup(this.queues, { maxTaskIdleMs: options.maxTaskIdleMs })
    this.idleWatch = new IdleWatch(this, options.idleOutAfterMs ?? 60_000)
    this.#idleAdvance = new IdleAdvance(this)
    const parts = {
      ...options,
      taskId: definition.id,
      time: this.time,
      storedTimes: this.#storedTimes,
      punctuations: this.#punctuations,
      globalTables: options.globalTables,
      calls: this.calls,
    }
    this.#steps = new TimeSteps({ ...parts, operators: this.compiled.operators })
    for (const operator of this.compiled.operators)
      operator.processor.init?.(processorContext(parts, operator))
    this.tellNotIdle()
  }

  /** Where to read on in every source, as of the records processed. */
  inputOffsets(): readonly CommittedOffset[] {
    return this.queues.map((queue) => notedOffset(queue, this.state !== null))
  }

  /** Whether a commit would move anything. */
  get isDirty(): boolean {
    return (
      this.#hasChanges ||
      this.queues.some((queue, i) => queue.position !== this.committedOffsets[i]?.offset)
    )
  }

  /** Whether a commit should not wait: little is done again where the next record fails. */
  get wantsCommit(): boolean {
    return this.#isCommitAsked || this.#unsealed.count >= this.#marked.recordsPerCommitMax
  }

  /** Settled when a record that had to wait, for its schema or a call, may go on; null: none waits. */
  get awaited(): Promise<void> | null {
    return this.#awaited
  }

  addFetched(fetched: FetchedPartition): void {
    const queue = this.#queueOf(fetched)
    assert(queue, `task ${this.name} does not read ${partitionKey(fetched)}`)
    queue.add(fetched)
    this.frontier.answered(fetched, this.#options.clock.nowMs())
    this.idleWatch.answered(queue, this.#options.clock.monotonicMs())
  }

  /** Processes up to `recordsMax` records; fewer where none is ready. Returns how many. */
  process(recordsMax: number): number {
    const { clock } = this.#options
    this.#group.setNow(clock.monotonicMs())
    this.#ahead.setNow(clock.nowMs())
    this.#idleAdvance.setNow(clock.nowMs())
    if (this.#steps.byClock(clock.nowMs())) this.#hasChanges = true
    this.calls?.pump()
    if (this.#awaited !== null) return 0
    const max = Math.min(recordsMax, this.#marked.recordsPerCommitMax - this.#unsealed.count)
    let count = 0
    this.isPastMark = false
    while (count < max && !this.isPastMark && this.processNext()) count++
    this.#whereabouts.leave()
    if (count > 0) this.lastProcessedAtMs = clock.nowMs()
    return count
  }

  /**
   * Processes one record to its end; false where none is ready, or it is to be tried again. Throws where
   * the failure policy says stop, what a record did must be undone, and what is not the record's fault.
   */
  processNext(): boolean {
    if (this.#ahead.takeOut()) {
      this.#isCommitAsked = true
      return true
    }
    const queue = this.#group.next()
    if (queue === null) return false
    const source = this.#sources.get(queue) as Source
    if (queue.headOffset >= source.markedOffset) {
      const fate = this.#failures.settleHead(queue)
      if (fate === 'wait') return false
      if (fate === 'passed') this.#passed(queue, source)
      source.markedOffset = this.#failures.nextMarked(queue)
      if (fate === 'passed') {
        this.isPastMark = this.#marked.isCrowded && source.markedOffset === noMark
        return true
      }
    }
    const answers = this.calls?.waitFor(queue) ?? null
    if (answers !== null) return this.#await(answers)
    this.#currentQueue = queue
    let record: Record<unknown, unknown>
    try {
      record = queue.take()
    } catch (error) {
      if (isUnresolved(error)) {
        queue.putBackUnread()
        return this.#await(error.resolved.then(() => queue.readAgain()))
      }
      this.#unsealed.take(queue)
      this.#failures.failed('undecodable', queue, error, false)
      queue.takeBackTime()
      this.#hasChanges = true
      return true
    }
    if (source.intake !== null) {
      if (source.intake.take(record) === 'marker') {
        queue.left.markers++
        if (this.#steps.told()) this.#hasChanges = true
        return true
      }
      record = source.intake.record as Record<unknown, unknown>
    }
    this.#unsealed.take(queue)
    if (record.timestampMs < 0) queue.left.dropped++
    else if (queue.node.hasHeartbeats === true && isHeartbeat(queue.node, queue.taken)) {
      queue.left.markers++
      this.#heard(queue, record.timestampMs)
      this.#steps.to(record.timestampMs)
    } else return this.#process(queue, source, record)
    return true
  }

  /** Before each commit, whether there is something to commit or not: what time itself brings. */
  tick(): void {
    const { clock } = this.#options
    const nowMs = clock.monotonicMs()
    this.idleWatch.check(nowMs)
    const toMs = this.#idleAdvance.due(clock.nowMs())
    if (toMs !== null) {
      this.#hasChanges = true
      this.#steps.to(toMs)
    }
    if (this.#steps.byClock(clock.nowMs())) this.#hasChanges = true
    for (const stamper of this.compiled.stampers) stamper.mark(nowMs)
  }

  /**
   * First step of a commit: operators send what they held back, times are kept, changes become
   * changelog records in the producer. Null where the task has no state.
   */
  async seal(): Promise<SealedChanges | null> {
    try {
      const changes = await this.#seal()
      this.#unsealed.clear()
      this.#isCommitAsked = false
      return changes
    } catch (error) {
      throw this.#failures.commitFailed(error, this.#unsealed)
    }
  }

  async #seal(): Promise<SealedChanges | null> {
    this.frontier.sealed(this.time.streamTimeMs)
    for (const operator of this.compiled.operators) operator.flush()
    if (this.state === null) return null
    this.#storedTimes?.save()
    if (this.queues.some(({ node }) => node.timestamp !== undefined)) {
      this.#storedTimes?.savePartitionTimes(this.queues.map((queue) => queue.partitionTimeMs))
    }
    const sealed = await this.state.seal()
    this.changelogs.append(sealed)
    return sealed
  }

  /** After the commit: what was processed up to these offsets is durable. */
  committed(offsets: readonly PartitionOffset[]): void {
    this.committedOffsets = offsets
    this.#hasChanges = false
    this.#marked.committed(offsets)
    this.frontier.committed(offsets)
  }

  /** Holds a source, and with it the task, or releases it. False where the task does not read it. */
  setPaused(partition: TopicPartition, isPaused: boolean): boolean {
    const queue = this.#queueOf(partition)
    if (queue === undefined) return false
    queue.isPaused = isPaused
    this.idleWatch.broken(queue)
    return true
  }

  /** Says to the tasks downstream that this one is to be waited for: when it starts, and ends. */
  tellNotIdle(): void {
    const nowMs = this.#options.clock.monotonicMs()
    for (const stamper of this.compiled.stampers) stamper.tell(false, nowMs)
  }

  /** Ends the processors; the state as of the last commit, open, or null. The task is of no more use. */
  async rollBack(): Promise<OpenedState | null> {
    this.#end()
    if (this.state === null) return null
    await this.state.abort()
    return { state: this.state, position: this.#options.position }
  }

  /** Ends the processors and closes the state. What is not committed is dropped. */
  async close(): Promise<void> {
    this.#end()
    await this.state?.close()
  }

  #end(): void {
    this.calls?.close()
    for (const operator of this.compiled.operators) operator.processor.close?.()
  }

  #queueOf({ topic, partition }: TopicPartition): RecordQueue | undefined {
    return this.queues.find(
      ({ source }) => source.partition === partition && source.topic === topic,
    )
  }

  #process(queue: RecordQueue, source: Source, record: Record<unknown, unknown>): boolean {
    const { position } = this.#options
    position.sourceIndex = source.index
    position.offset = queue.taken.offset
    this.#heard(queue, record.timestampMs)
    const before = { effects: this.#effects.count, timeMs: this.time.ownTimeMs }
    if (source.intake === null) this.time.observe(record.timestampMs)
    this.calls?.begin(queue)
    try {
      source.runner.receive(record)
      queue.left.entered++
    } catch (error) {
      for (const node of this.compiled.counts) node.failed = node.received - node.completed
      const isTimeBack = this.time.takeBack(before.timeMs)
      const hasEffects = !isTimeBack || this.#effects.count !== before.effects
      const fate = this.#failures.failed('processing', queue, error, hasEffects)
      if (fate === 'again') return this.#putBack(queue, source, record.timestampMs)
      queue.takeBackTime()
    }
    this.#punctuations.streamTime(this.time.streamTimeMs)
    return true
  }

  #heard(queue: RecordQueue, timestampMs: number): void {
    this.#hasChanges = true
    this.idleWatch.broken(queue)
    this.#idleAdvance.heard(queue, timestampMs)
    this.partitioners.see(queue)
  }

  /** Nothing of the task goes on before the head can be processed: its turn has come. */
  #await(ready: Promise<void>): false {
    this.#awaited = ready.then(() => {
      this.#awaited = null
      this.#options.onReady?.()
    })
    return false
  }

  #putBack(queue: RecordQueue, source: Source, timestampMs: number): false {
    queue.putBack(timestampMs)
    this.calls?.again(queue)
    this.#unsealed.giveBack()
    source.markedOffset = queue.headOffset
    return false
  }

  /** A record left without being processed; what an upstream task says with it counts all the same. */
  #passed(queue: RecordQueue, source: Source): void {
    const { timestampMs, headers } = queue.taken
    source.intake?.take({ key: null, value: null, timestampMs, headers })
    this.#hasChanges = true
    this.#isCommitAsked = true
  }

  #openQueue(at: TopicPartition, index: number): RecordQueue {
    const parts = { compiled: this.compiled, storedTimes: this.#storedTimes, time: this.time }
    const options = { ...this.#options, ...parts, whereabouts: this.#whereabouts }
    const [queue, source] = openSource(options, at, index)
    source.markedOffset = this.#failures.nextMarked(queue)
    this.#sources.set(queue, source)
    return queue
  }
}
