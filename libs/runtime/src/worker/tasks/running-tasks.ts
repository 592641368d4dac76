import type { FetchedPartition, Fetcher, PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../../assignment/task-definition.ts'
import type { RecordQueue } from '../../task/record-queue.ts'
import type { StreamTask } from '../../task/stream-task.ts'

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
  /** Whose turn it is: a slice that ends early must not always end at the same tasks. */
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
      positions.push({ ...queue.source, offset: queue.position })
      if (this.#held.has(key)) task.setPaused(queue.source, true)
    }
    this.#fetcher.add(positions)
    this.#balanceFetches([task])
  }

  /** Takes tasks out and closes them; what they did not commit is dropped. */
  async close(tasks: readonly StreamTask[]): Promise<void> {
    this.remove(tasks)
    await Promise.all(tasks.map((task) => task.close()))
  }

  /** Takes tasks out. */
  remove(tasks: readonly StreamTask[]): void {
    for (const task of tasks) {
      this.#tasks.delete(task.name)
      for (const queue of task.queues) {
        this.#byPartition.delete(partitionKey(queue.source))
        this.#unfetched.delete(queue)
      }
      this.#fetcher.remove(task.definition.sources)
    }
  }

  /** The tasks that read any of these partitions. */
  reading(partitions: readonly TopicPartition[]): readonly StreamTask[] {
    const found = partitions.flatMap(
      (partition) => this.#byPartition.get(partitionKey(partition)) ?? [],
    )
    return [...new Set(found)]
  }

  enqueue(polled: readonly FetchedPartition[]): void {
    for (const fetched of polled) this.#byPartition.get(partitionKey(fetched))?.addFetched(fetched)
    if (polled.length > 0) this.#balanceFetches(this.#tasks.values())
  }

  /**
   * A bounded piece of work: every task in turn, until the time is up, `recordsMax` are done or
   * nothing is ready. Returns how many records were processed.
   */
  process(nowMs: () => number, sliceMs: number, recordsMax: number): number {
    const untilMs = nowMs() + sliceMs
    const tasks = this.all()
    let total = 0
    let idle = 0
    while (idle < tasks.length && total < recordsMax && nowMs() < untilMs) {
      this.#turn = (this.#turn + 1) % tasks.length
      const count = this.#processOne(tasks[this.#turn] as StreamTask)
      idle = count === 0 ? idle + 1 : 0
      total += count
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

  #processOne(task: StreamTask): number {
    try {
      return task.process(256)
    } catch (error) {
      throw new TaskFailure(task.name, error)
    }
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
