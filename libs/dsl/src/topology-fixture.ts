// Runs a topology in the test's own thread, for tests of the language: the real operators and
// stores, one partition, records passed straight through repartitions. The engine is not here.

import { noHeaders, type Record } from '@millrace/record'
import { MemoryBackend, TaskState } from '@millrace/store'
import type {
  Collector,
  DropReason,
  Node,
  OperatorTime,
  Processor,
  Topology,
} from '@millrace/topology'

type AnyRecord = Record<unknown, unknown>

export interface Written extends AnyRecord {
  readonly topic: string
}

interface LeftOut {
  readonly node: string
  readonly reason: DropReason | 'late'
}

export class TopologyRun {
  readonly leftOut: LeftOut[] = []
  readonly #written: Written[] = []
  readonly #topology: Topology
  readonly #state: TaskState
  readonly #processors = new Map<string, Processor>()
  readonly #times = new Map<string, OperatorTime>()

  private constructor(topology: Topology, state: TaskState) {
    this.#topology = topology
    this.#state = state
    for (const node of topology.nodes.values()) {
      if (node.kind !== 'processor') continue
      const processor = node.supplier()
      processor.init?.({
        taskId: { subTopology: 0, partition: 0 },
        nodeName: node.name,
        store: (name) => state.store(name),
        globalTable: () => {
          throw new Error('this run has no global tables')
        },
        schedule: () => () => {},
        answered: () => {
          throw new Error('no calls are made ahead here')
        },
        streamTimeMs: -1,
        time: (store) => this.#time(store),
      })
      this.#processors.set(node.name, processor)
    }
  }

  static async start(topology: Topology): Promise<TopologyRun> {
    const state = await TaskState.open({
      backend: new MemoryBackend(),
      stores: [...topology.stores.values()],
      identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
      position: { sourceIndex: 0, offset: 0 },
      cacheRowsMax: 100,
    })
    return new TopologyRun(topology, state)
  }

  /** One record, and no commit. */
  feed(topic: string, key: unknown, value: unknown, timestampMs: number): void {
    this.#read({ topic, key, value, timestampMs, headers: noHeaders }, false)
  }

  /** One record and a commit; what was written to external topics. */
  async pipe(
    topic: string,
    key: unknown,
    value: unknown,
    timestampMs: number,
  ): Promise<readonly Written[]> {
    this.feed(topic, key, value, timestampMs)
    return this.commit()
  }

  async commit(): Promise<readonly Written[]> {
    for (const name of this.#topology.subTopologies.flatMap(({ nodes }) => nodes)) {
      const node = this.#topology.nodes.get(name)
      if (node) this.#processors.get(name)?.flush?.(this.#collector(node))
    }
    const sealed = await this.#state.seal()
    await this.#state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
    return this.#written.splice(0)
  }

  /** One time for all operators that share a store. */
  #time(store: string): OperatorTime {
    const time = this.#times.get(store) ?? largestSoFar()
    this.#times.set(store, time)
    return time
  }

  #read({ topic, ...record }: Written, isRepartition: boolean): void {
    for (const node of this.#topology.nodes.values()) {
      if (node.kind !== 'source' || node.topic !== topic) continue
      if (node.isRepartition === isRepartition) this.#collector(node).forward(record)
    }
  }

  #collector(node: Node): Collector {
    return {
      release: (_key, _timestampMs, send) => send(),
      forwardTo: (child, record) => this.#enter(node.children[child] ?? '', record),
      forward: (record) => {
        for (const child of node.children) this.#enter(child, record)
      },
      drop: (_record, reason) => {
        this.leftOut.push({ node: node.name, reason })
      },
      late: () => {
        this.leftOut.push({ node: node.name, reason: 'late' })
      },
    }
  }

  #enter(name: string, record: AnyRecord): void {
    const node = this.#topology.nodes.get(name)
    if (node?.kind === 'processor') {
      this.#processors.get(name)?.process(record, this.#collector(node))
    }
    if (node?.kind !== 'sink') return
    if (node.isRepartition) this.#read({ ...record, topic: node.topic }, true)
    else this.#written.push({ ...record, topic: node.topic })
  }
}

function largestSoFar(): OperatorTime {
  let streamTimeMs = -1
  return {
    observe(timestampMs: number) {
      streamTimeMs = Math.max(streamTimeMs, timestampMs)
      return streamTimeMs
    },
    get streamTimeMs() {
      return streamTimeMs
    },
  }
}
