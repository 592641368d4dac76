// The state and the times of one task, in memory, for tests of operators.

import { MemoryBackend, type StoreSpec, TaskState } from '@millrace/store'
import type { OperatorTime, ProcessorContext } from '@millrace/topology'

export class TaskFixture {
  readonly #stores: readonly StoreSpec[]
  readonly #backend = new MemoryBackend()
  /** Kept by the engine, through restarts. */
  readonly #times = new Map<string, TestTime>()
  #state!: TaskState
  context!: ProcessorContext

  private constructor(stores: readonly StoreSpec[]) {
    this.#stores = stores
  }

  static async open(stores: readonly StoreSpec[]): Promise<TaskFixture> {
    const task = new TaskFixture(stores)
    await task.restart()
    return task
  }

  time(store: string): TestTime {
    const time = this.#times.get(store) ?? new TestTime()
    this.#times.set(store, time)
    return time
  }

  async commit(): Promise<void> {
    const sealed = await this.#state.seal()
    await this.#state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
  }

  /** Everything in memory is lost; what is committed is there. */
  async restart(): Promise<void> {
    const state = await TaskState.open({
      backend: this.#backend,
      stores: this.#stores,
      identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
      position: { sourceIndex: 0, offset: 0 },
      cacheRowsMax: 1,
    })
    this.#state = state
    this.context = {
      taskId: { subTopology: 0, partition: 0 },
      nodeName: 'operator',
      store: (name) => state.store(name),
      globalTable: (name) => {
        throw new Error(`there is no global table ${name}`)
      },
      time: (name) => this.time(name),
      schedule: () => () => {},
      answered: () => {
        throw new Error('no calls are made ahead here')
      },
      streamTimeMs: -1,
    }
  }

  /** How many rows of all stores are committed. */
  async storedRows(): Promise<number> {
    let count = 0
    for (const { name } of this.#stores) {
      for await (const _ of this.#state.entries(name)) count++
    }
    return count
  }
}

export class TestTime implements OperatorTime {
  streamTimeMs = -1

  observe(timestampMs: number): number {
    this.streamTimeMs = Math.max(this.streamTimeMs, timestampMs)
    return this.streamTimeMs
  }
}
