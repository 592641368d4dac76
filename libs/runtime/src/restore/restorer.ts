import { assert, isMillraceError, MillraceError } from '@millrace/errors'
import type { Cluster, FetchedPartition, Fetcher } from '@millrace/kafka'
import type { Clock } from '@millrace/time'
import { partitionKey } from '../assignment/task-definition.ts'
import { changelogRecords } from './changelog-records.ts'
import type { RestoreJob, RestorePart, RestoreProgress } from './restore-job.ts'

export interface RestorerOptions {
  /** A cluster of its own: a fetch that waits blocks its connection. */
  readonly cluster: Cluster
  readonly clock: Clock
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined
}

interface RunningPart {
  readonly part: RestorePart
  readonly job: RunningJob
  restoredRecords: number
}

interface RunningJob {
  readonly job: RestoreJob
  left: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Thrown to who waits for a job that was cancelled. */
export class RestoreCancelled extends Error {
  constructor(task: string) {
    super(`the restore of task ${task} was cancelled`)
    this.name = 'RestoreCancelled'
  }
}

/**
 * Reads the changelogs of all tasks that restore, with one fetcher, while other tasks go on. A job
 * is done when the *position* of each of its partitions is at the captured end: the last offsets may
 * be control markers, or gone by compaction, and a quiet gap means nothing (KAFKA-20876).
 */
export class Restorer {
  readonly #options: RestorerOptions
  readonly #parts = new Map<string, RunningPart>()
  #fetcher: Fetcher | null = null
  #running: Promise<void> | null = null
  #isClosed = false

  constructor(options: RestorerOptions) {
    this.#options = options
  }

  /** Resolves when everything was taken in; `finish` of the target is the caller's. */
  run(job: RestoreJob): Promise<void> {
    const open = job.parts.filter((part) => part.fromOffset < part.endOffset)
    if (open.length === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const running: RunningJob = { job, left: open.length, resolve, reject }
      for (const part of open)
        this.#parts.set(partitionKey(part), { part, job: running, restoredRecords: 0 })
      this.#fetcher ??= this.#options.cluster.fetcher({ isolation: 'read_committed' })
      this.#fetcher.add(
        open.map(({ topic, partition, fromOffset }) => ({ topic, partition, offset: fromOffset })),
      )
      this.#running ??= this.#loop()
    })
  }

  /** The job's promise rejects with `RestoreCancelled`. */
  cancel(task: string): void {
    const found = [...this.#parts.values()].find(({ job }) => job.job.task === task)
    if (found) this.#fail(found.job, new RestoreCancelled(task))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const { job } of [...this.#parts.values()])
      this.#fail(job, new RestoreCancelled(job.job.task))
    await this.#running
    await this.#fetcher?.close()
  }

  async #loop(): Promise<void> {
    const fetcher = this.#fetcher
    assert(fetcher, 'a restore has a fetcher')
    while (this.#parts.size > 0 && !this.#isClosed) {
      try {
        const polled = await fetcher.poll(100)
        for (const fetched of polled) await this.#take(fetched)
      } catch (error) {
        this.#failAt(error)
      }
    }
    this.#running = null
  }

  async #take(fetched: FetchedPartition): Promise<void> {
    const running = this.#parts.get(partitionKey(fetched))
    if (running === undefined) return
    const { part, job } = running
    try {
      await job.job.target.apply(part.store, this.#counted(running, fetched), fetched.nextOffset)
    } catch (error) {
      this.#fail(job, error)
      return
    }
    const remainingRecords = Math.max(0, part.endOffset - fetched.nextOffset)
    this.#options.onProgress?.({
      task: job.job.task,
      store: part.store,
      restoredRecords: running.restoredRecords,
      remainingRecords,
    })
    if (remainingRecords > 0 || !this.#parts.has(partitionKey(part))) return
    this.#remove([part])
    job.left--
    if (job.left === 0) job.resolve()
  }

  *#counted(running: RunningPart, fetched: FetchedPartition) {
    for (const record of changelogRecords(fetched)) {
      running.restoredRecords++
      yield record
    }
  }

  /** An error that names a partition is that job's; any other is everybody's. */
  #failAt(error: unknown): void {
    const at = isMillraceError(error) ? error.at : undefined
    const running = at === undefined ? undefined : this.#parts.get(partitionKey(at))
    if (running) this.#fail(running.job, error)
    else for (const { job } of [...this.#parts.values()]) this.#fail(job, error)
  }

  #fail(job: RunningJob, error: unknown): void {
    this.#remove(job.job.parts)
    job.reject(
      error instanceof Error
        ? error
        : new MillraceError('MILLRACE_ERRORS_ASSERTION', { message: String(error) }),
    )
  }

  #remove(parts: readonly RestorePart[]): void {
    for (const part of parts) this.#parts.delete(partitionKey(part))
    this.#fetcher?.remove(parts.map(({ topic, partition }) => ({ topic, partition })))
  }
}
