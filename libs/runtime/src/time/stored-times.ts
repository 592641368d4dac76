import { assert } from '@millrace/errors'
import type { TaskState } from '@millrace/store'
import { StoredTime } from './operator-time.ts'
import type { TaskTime } from './task-time.ts'

const upstreamMeta = 'upstream-time'
const partitionsMeta = 'partition-times'

/**
 * The stream times kept in a task's stores, one for each, and in the first store what is known of
 * the upstream tasks.
 */
export class StoredTimes {
  readonly #state: TaskState
  readonly #time: TaskTime
  readonly #keeper: string
  readonly #times: ReadonlyMap<string, StoredTime>

  constructor(state: TaskState, stores: readonly string[], time: TaskTime) {
    const [keeper] = stores
    assert(keeper !== undefined, 'a task with state has a store')
    this.#state = state
    this.#time = time
    this.#keeper = keeper
    const snapshot = state.store(keeper).meta(upstreamMeta)
    if (snapshot) time.upstream?.restore(snapshot)
    this.#times = new Map(
      stores.map((name) => [name, new StoredTime(state.store(name), time.upstream)]),
    )
    for (const stored of this.#times.values()) time.restore(stored.streamTimeMs)
  }

  of(store: string): StoredTime {
    const time = this.#times.get(store)
    assert(time, `store ${store} keeps no time`)
    return time
  }

  /** Of the task's sources, in their order; -1 where nothing is known. */
  partitionTimes(): readonly number[] {
    const bytes = this.#state.store(this.#keeper).meta(partitionsMeta)
    return bytes === undefined ? [] : (JSON.parse(bytes.toString()) as number[])
  }

  /** At the seal of a commit, where an extractor asks for them. */
  savePartitionTimes(times: readonly number[]): void {
    this.#state.store(this.#keeper).setMeta(partitionsMeta, Buffer.from(JSON.stringify(times)))
  }

  /** At the seal of a commit. */
  save(): void {
    for (const time of this.#times.values()) time.save()
    const snapshot = this.#time.upstream?.takeSnapshot()
    if (snapshot) this.#state.store(this.#keeper).setMeta(upstreamMeta, snapshot)
  }
}
