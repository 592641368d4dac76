import type { FetchedPartition, Fetcher, PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../../assignment/task-definition.ts'
import type { RecordQueue } from '../../task/record-queue.ts'
import type { StreamTask } from '../../task/stream-task.ts'
import { RetainedInput } from './retained-input.ts'
import { Stretch } from './stretch.ts'

const retainedMaxBytes = 16 << 20

/** A task threw while it processed: says whose state or record it was. */
export class TaskFailure extends Error {
  readonly task: string

  constructor(task: string, cause: unknown) {
    super(`task ${task} failed`, { cause })
    this.name = 'TaskFailure'
    this.task = task
  }
}

/** The tasks that process, and the fetcher that feeds them. */
export class RunningTasks {
  readonly #fetcher: Fetcher
  readonly #tasks = new Map<string, StreamTask>()
  readonly #byPartition = new Map<string, StreamTask>()
  /** Partitions held by a command, running or not. */
  readonly #held = new Set<string>()
  /** Partitions left out of fetches: held, or their queue is full. */
  readonly #unfetched = new Set<RecordQueue>()
  /** Partitions of tasks that start again from the last commit: fetched all the while. */
  readonly #rolledBack = new Map<string, TopicPartition>()
  readonly #retained = new RetainedInput({ maxBytes: retainedMaxBytes })
  /** Whose turn it is: a slice that ends early must not always end at the same tasks. */
  #stretch: Stretch | undefined
  #turn = 0

  constructor(fetcher: Fetcher) {
    this.#fetcher = fetcher
  }

  all(): readonly StreamTask[] {
    return [...this.#tasks.values()]
  }

  has(name: string): boolean {
    return this.#tasks.has(name)
  }

  /** Whether any partition is to be fetched, so that brokers would answer. */
  get isFetching(): boolean {
    return this.#byPartition.size > this.#unfetched.size
  }

  add(task: StreamTask): void {
    this.#tasks.set(task.name, task)
    const positions: PartitionOffset[] = []
    for (const queue of task.queues) {
      const key = partitionKey(queue.source)
      this.#byPartition.set(key, task)
      if (!this.#goesOn(queue)) positions.push({ ...queue.source, offset: queue.position })
      if (this.#held.has(key)) task.setPaused(queue.source, true)
    }
    this.#fetcher.add(positions)
    for (const { source, position } of task.queues)
      for (const fetched of this.#retained.from(source, position) ?? []) task.addFetched(fetched)
    this.#balanceFetches([task])
  }

  /** Takes tasks out and closes them; what they did not commit is dropped. */
  async close(tasks: readonly StreamTask[]): Promise<void> {
    this.#remove(tasks)
    await Promise.all(tasks.map((task) => task.close()))
  }

  #remove(tasks: readonly StreamTask[]): void {
    for (const task of tasks) {
      this.#tasks.delete(task.name)
      for (const queue of task.queues) {
        this.#byPartition.delete(partitionKey(queue.source))
        this.#unfetched.delete(queue)
      }
      this.#stopFetching(task.definition.sources)
    }
  }

  /** Takes tasks out that will be added again, at their last commit: fetching goes on. */
  rollBack(tasks: readonly StreamTask[]): void {
    const toResume: TopicPartition[] = []
    for (const task of tasks) {
      this.#tasks.delete(task.name)
      for (const queue of task.queues) {
        this.#byPartition.delete(partitionKey(queue.source))
        this.#rolledBack.set(partitionKey(queue.source), queue.source)
        if (this.#unfetched.delete(queue)) toResume.push(queue.source)
      }
    }
    if (toResume.length > 0) this.#fetcher.resume(toResume)
  }

  /** Tasks that were rolled back will not be added again, or not from there. */
  forgetRolledBack(partitions: readonly TopicPartition[] = [...this.#rolledBack.values()]): void {
    this.#stopFetching(partitions.filter((each) => this.#rolledBack.delete(partitionKey(each))))
  }

  /** The tasks that read any of these partitions. */
  reading(partitions: readonly TopicPartition[]): readonly StreamTask[] {
    const found = partitions.flatMap(
      (partition) => this.#byPartition.get(partitionKey(partition)) ?? [],
    )
    return [...new Set(found)]
  }

  enqueue(polled: readonly FetchedPartition[]): void {
    for (const fetched of polled) {
      const key = partitionKey(fetched)
      const task = this.#byPartition.get(key)
      if (task !== undefined || this.#rolledBack.has(key)) this.#retain(fetched, task)
      task?.addFetched(fetched)
    }
    if (polled.length > 0) this.#balanceFetches(this.#tasks.values())
  }

  /**
   * A bounded piece of work: every task in turn, until the time is up, `recordsMax` are done or
   * nothing is ready. Returns how many records were processed.
   */
  process(nowMs: () => number, sliceMs: number, recordsMax: number): number {
    const tasks = this.all()
    let total = 0
    let idle = 0
    let beginMs = nowMs()
    const untilMs = beginMs + sliceMs
    this.#stretch ??= new Stretch(sliceMs)
    while (idle < tasks.length && total < recordsMax && beginMs < untilMs) {
      this.#turn = (this.#turn + 1) % tasks.length
      const task = tasks[this.#turn] as StreamTask
      const count = this.#processOne(task, this.#stretch.records)
      const endMs = nowMs()
      this.#stretch.took(count, endMs - beginMs)
      beginMs = endMs
      idle = count === 0 ? idle + 1 : 0
      total += count
      // Else the next record that fails undoes this one's settling, and so on without end.
      if (task.isPastMark) break
    }
    if (total > 0) this.#balanceFetches(this.#tasks.values())
    return total
  }

  /** Holds partitions, and with them their tasks, or releases them. */
  hold(partitions: readonly TopicPartition[], isHeld: boolean): void {
    for (const partition of partitions) {
      const key = partitionKey(partition)
      if (isHeld) this.#held.add(key)
      else this.#held.delete(key)
      this.#byPartition.get(key)?.setPaused(partition, isHeld)
    }
    this.#balanceFetches(this.#tasks.values())
  }

  #processOne(task: StreamTask, recordsMax: number): number {
    try {
      return task.process(recordsMax)
    } catch (error) {
      throw new TaskFailure(task.name, error)
    }
  }

  #retain(fetched: FetchedPartition, task: StreamTask | undefined): void {
    this.#retained.take(fetched)
    const committed = task?.committedOffsets.find(
      ({ topic, partition }) => topic === fetched.topic && partition === fetched.partition,
    )
    if (committed !== undefined) this.#retained.committed(fetched, committed.offset)
  }

  /** Whether the fetcher stands where a task that was rolled back needs it. */
  #goesOn({ source, position }: RecordQueue): boolean {
    const isRolledBack = this.#rolledBack.delete(partitionKey(source))
    if (isRolledBack && this.#retained.from(source, position) !== null) return true
    this.#retained.forget(source)
    return false
  }

  #stopFetching(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#retained.forget(each)
    this.#fetcher.remove(partitions)
  }

  /** Partitions whose queue is full, or that are held, are left out of fetches until it is not. */
  #balanceFetches(tasks: Iterable<StreamTask>): void {
    const toPause: TopicPartition[] = []
    const toResume: TopicPartition[] = []
    for (const task of tasks) {
      for (const queue of task.queues) {
        const isWanted = !queue.isFull && !queue.isPaused
        if (isWanted === !this.#unfetched.has(queue)) continue
        if (isWanted) this.#unfetched.delete(queue)
        else this.#unfetched.add(queue)
        ;(isWanted ? toResume : toPause).push(queue.source)
      }
    }
    if (toPause.length > 0) this.#fetcher.pause(toPause)
    if (toResume.length > 0) this.#fetcher.resume(toResume)
  }
}
