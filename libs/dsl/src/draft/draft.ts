import { MillraceError } from '@millrace/errors'
import type { StoreSpec } from '@millrace/store'
import {
  buildTopology,
  type GlobalTableSpec,
  type Node,
  type RepartitionSpec,
  type SinkNode,
  type SourceNode,
  type Topology,
} from '@millrace/topology'
import type { DraftProcessor } from './draft-processor.ts'

/** A topology while it is being written. */
export class Draft {
  readonly #nodes = new Map<string, Node>()
  readonly #children = new Map<string, string[]>()
  readonly #stores: StoreSpec[] = []
  readonly #repartitions: DraftRepartition[] = []
  readonly #globalTables: GlobalTableSpec[] = []
  #isFinished = false

  addSource(options: Omit<SourceNode, 'kind' | 'children' | 'name'> & Named): string {
    const name = options.name ?? this.#freshName(`source-${options.topic}`)
    return this.#add({ ...options, kind: 'source', name, children: [] }, [])
  }

  addSink(
    options: Omit<SinkNode, 'kind' | 'children' | 'name'> & Named,
    parents: readonly string[],
  ): string {
    const name = options.name ?? this.#freshName(`sink-${options.topic}`)
    return this.#add({ ...options, kind: 'sink', name, children: [] }, parents)
  }

  addProcessor(options: DraftProcessor, parents: readonly string[]): string {
    const {
      name,
      operator,
      supplier,
      stores = [],
      functions = [],
      late,
      calls,
      view,
      detail,
      globalTables,
    } = options
    return this.#add(
      {
        kind: 'processor',
        name: name ?? this.#freshName(`${operator}-1`),
        operator,
        supplier,
        stores,
        globalTables,
        late,
        calls,
        view,
        detail,
        functionTexts: functions.map(String),
        children: [],
      },
      parents,
    )
  }

  addStore(spec: StoreSpec): void {
    this.#stores.push(spec)
  }

  addGlobalTable(spec: GlobalTableSpec): void {
    this.#globalTables.push(Object.freeze(spec))
  }

  addRepartition(repartition: DraftRepartition): void {
    this.#repartitions.push(repartition)
  }

  finish(): Topology {
    this.#isFinished = true
    const nodes = [...this.#nodes.values()].map((node) =>
      Object.freeze({ ...node, children: Object.freeze(this.#children.get(node.name) ?? []) }),
    )
    const repartitions = this.#repartitions.map(
      ({ name, partitionCount, isRoundTrip, why }): RepartitionSpec => {
        return Object.freeze({ name, partitionCount, isRoundTrip, why: why() })
      },
    )
    const stores = this.#stores.map(Object.freeze) as StoreSpec[]
    return buildTopology(nodes, stores, repartitions, this.#globalTables)
  }

  #add(node: Node, parents: readonly string[]): string {
    if (this.#isFinished) {
      throw new MillraceError('MILLRACE_DSL_INVALID', {
        message: `${node.name} was added after the topology was finished`,
        remedy: 'Write the whole topology inside the function given to topology(), synchronously.',
      })
    }
    if (this.#nodes.has(node.name)) {
      throw new MillraceError('MILLRACE_TOPOLOGY_NAME_TAKEN', {
        message: `there are two nodes named ${node.name}`,
      })
    }
    this.#nodes.set(node.name, node)
    this.#children.set(node.name, [])
    for (const parent of parents) this.#children.get(parent)?.push(node.name)
    return node.name
  }

  /** The name itself, or with the next free number: `filter-1`, `filter-2`; `sink-out`, `sink-out-2`. */
  #freshName(wanted: string): string {
    const numbered = /^(.*)-1$/.exec(wanted)
    const stem = numbered?.[1] ?? wanted
    let name = wanted
    for (let number = 2; this.#nodes.has(name); number++) name = `${stem}-${number}`
    return name
  }
}

interface Named {
  readonly name?: string | undefined
}

export interface DraftRepartition {
  readonly name: string
  readonly partitionCount: number | undefined
  readonly isRoundTrip?: boolean
  /** Asked at the end, when everything that needs it is known. */
  readonly why: () => string
}
