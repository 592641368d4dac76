// One operator over the real stores in memory, for tests.

import { json, noHeaders, type Record, string } from '@millrace/record'
import { MemoryBackend, type StoreSpec, TaskState } from '@millrace/store'
import type { Collector, DropReason, LateRecord, Processor } from '@millrace/topology'

type AnyRecord = Record<unknown, unknown>

export const storeName = 'results'

/** The store of most operators in tests: strings to JSON. */
export function resultsStore(kind: StoreSpec['kind'], more: Partial<StoreSpec> = {}): StoreSpec {
  const serdes = { keySerde: string, valueSerde: json() }
  return { name: storeName, kind, ...serdes, version: 1, why: 'test', ...more }
}

/** Feeds a processor that uses the store `results`, and notes what comes out of it. */
export class OperatorRun {
  readonly late: LateRecord[] = []
  readonly dropped: DropReason[] = []
  streamTimeMs = -1
  readonly #supplier: () => Processor
  readonly #stores: readonly StoreSpec[]
  readonly #backend = new MemoryBackend()
  readonly #forwarded: AnyRecord[] = []
  #processor!: Processor
  #state!: TaskState
  #committedTimeMs = -1

  private constructor(supplier: () => Processor, stores: readonly StoreSpec[]) {
    this.#supplier = supplier
    this.#stores = stores
  }

  static start(processor: object, kind: StoreSpec['kind']): Promise<OperatorRun> {
    return OperatorRun.of(() => processor, [resultsStore(kind)])
  }

  static async of(supplier: () => object, stores: readonly StoreSpec[]): Promise<OperatorRun> {
    const run = new OperatorRun(supplier as () => Processor, stores)
    await run.restart()
    return run
  }

  /** The process ends and begins again: what was not committed is gone. */
  async restart(): Promise<void> {
    this.#forwarded.length = 0
    this.streamTimeMs = this.#committedTimeMs
    const state = await TaskState.open({
      backend: this.#backend,
      stores: this.#stores,
      identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
      position: { sourceIndex: 0, offset: 0 },
      cacheRowsMax: 100,
    })
    this.#state = state
    this.#processor = this.#supplier()
    const streamTimeMs = () => this.streamTimeMs
    const time = {
      observe: (timestampMs: number) => {
        this.streamTimeMs = Math.max(this.streamTimeMs, timestampMs)
        return this.streamTimeMs
      },
      get streamTimeMs() {
        return streamTimeMs()
      },
    }
    this.#processor.init?.({
      taskId: { subTopology: 0, partition: 0 },
      nodeName: 'operator',
      store: (name) => state.store(name),
      schedule: () => () => {},
      answered: () => {
        throw new Error('no calls are made ahead here')
      },
      streamTimeMs: -1,
      globalTable: () => {
        throw new Error('an aggregation reads no global table')
      },
      time: () => time,
    })
  }

  process(key: unknown, value: unknown, timestampMs: number, headers = noHeaders): void {
    this.#processor.process({ key, value, timestampMs, headers }, this.#collector)
  }

  /** Stream time moves without a record. */
  advanceTo(streamTimeMs: number): void {
    this.streamTimeMs = streamTimeMs
    this.#processor.advance?.(this.#collector)
  }

  /** What went out since the last call, each as `key[start]=value@timestamp`. */
  results(): readonly string[] {
    return this.records().map(resultText)
  }

  /** The same as records. */
  records(): readonly AnyRecord[] {
    return this.#forwarded.splice(0)
  }

  /** Flushes and commits; what went out with it and before. */
  async commit(): Promise<readonly string[]> {
    await this.commitOnly()
    return this.results()
  }

  async commitOnly(): Promise<void> {
    this.#processor.flush?.(this.#collector)
    const sealed = await this.#state.seal()
    await this.#state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
    this.#committedTimeMs = this.streamTimeMs
  }

  /** `key[start]=value` for each committed row. */
  async rows(name = storeName): Promise<readonly string[]> {
    const rows: string[] = []
    for await (const { key, windowStartMs, value } of this.#state.entries(name)) {
      rows.push(`${text(key, windowStartMs)}=${JSON.stringify(value)}`)
    }
    return rows
  }

  readonly #collector: Collector = {
    release: (_key, _timestampMs, send) => send(),
    forward: (record) => {
      this.#forwarded.push(record)
    },
    forwardTo: () => {
      throw new Error('an aggregation forwards to all its children')
    },
    late: (_record, late) => {
      this.late.push(late)
    },
    drop: (_record, reason) => {
      this.dropped.push(reason)
    },
  }
}

function resultText({ key, value, timestampMs }: AnyRecord): string {
  const windowed = key as { key: unknown; window: { startMs: number } }
  const name = typeof key === 'string' ? key : text(windowed.key, windowed.window.startMs)
  return `${name}=${JSON.stringify(value)}@${timestampMs}`
}

function text(key: unknown, windowStartMs: number): string {
  return windowStartMs < 0 ? String(key) : `${String(key)}[${windowStartMs}]`
}
