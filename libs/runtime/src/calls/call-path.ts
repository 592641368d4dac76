import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import {
  type Collector,
  lookThroughOf,
  type Processor,
  type ProcessorNode,
  type SubTopology,
  type Topology,
} from '@millrace/topology'
import type { Call, CallTree } from './call-tree.ts'
import type { Caller } from './caller.ts'

type AnyRecord = Record<unknown, unknown>

/** One look ahead: the calls of a record, and how many of them have no answer yet. */
export interface LookAhead {
  readonly tree: CallTree
  opened(): void
  closed(): void
}

interface Step {
  receive(record: AnyRecord, tree: CallTree, look: LookAhead): void
}

/**
 * The way from a source to the calls behind it, walked before the records' turn: operators of its own
 * that are pure functions, without those whose effects belong to the turn. Undefined where no call
 * stands behind the source.
 */
export class CallPath {
  readonly #first: readonly Step[]

  private constructor(first: readonly Step[]) {
    this.#first = first
  }

  static of(
    source: string,
    topology: Topology,
    sub: SubTopology,
    callers: ReadonlyMap<string, Caller>,
  ): CallPath | undefined {
    const node = topology.nodes.get(source)
    assert(node, `source ${source} is in the topology`)
    const steps = new Map<string, Step | null>()
    const stepOf = (name: string): Step | null => {
      const known = steps.get(name)
      if (known !== undefined) return known
      const made = makeStep(name)
      steps.set(name, made)
      return made
    }
    const makeStep = (name: string): Step | null => {
      const next = topology.nodes.get(name)
      if (next?.kind !== 'processor' || !sub.nodes.includes(name)) return null
      const [caller, how] = [callers.get(name), lookThroughOf(next)]
      if (caller === undefined && how === undefined) return null
      const children = next.children.map(stepOf)
      if (caller !== undefined) return new CallStep(caller, children.filter(isStep))
      if (!children.some(isStep)) return null
      return how === 'pass' ? new PassStep(children.filter(isStep)) : new RunStep(next, children)
    }
    const first = node.children.map(stepOf).filter(isStep)
    return first.length === 0 ? undefined : new CallPath(first)
  }

  /** Makes the first calls of a record; the others follow as these are answered. */
  walk(record: AnyRecord, look: LookAhead): void {
    for (const step of this.#first) step.receive(record, look.tree, look)
  }
}

function isStep(step: Step | null): step is Step {
  return step !== null
}

/** An operator whose effects wait for the record's turn. */
class PassStep implements Step {
  readonly #children: readonly Step[]

  constructor(children: readonly Step[]) {
    this.#children = children
  }

  receive(record: AnyRecord, tree: CallTree, look: LookAhead): void {
    for (const child of this.#children) child.receive(record, tree, look)
  }
}

/** A pure operator; children that lead to no call are null. */
class RunStep implements Step {
  readonly #processor: Processor
  readonly #children: readonly (Step | null)[]

  constructor(node: ProcessorNode, children: readonly (Step | null)[]) {
    this.#processor = node.supplier()
    this.#children = children
  }

  receive(record: AnyRecord, tree: CallTree, look: LookAhead): void {
    const collector: Collector = {
      release: (_key, _timestampMs, send) => send(),
      forward: (next) => {
        for (const child of this.#children) child?.receive(next, tree, look)
      },
      forwardTo: (child, next) => this.#children[child]?.receive(next, tree, look),
      late() {},
      drop() {},
    }
    this.#processor.process(record, collector)
  }
}

class CallStep implements Step {
  readonly #caller: Caller
  readonly #children: readonly Step[]

  constructor(caller: Caller, children: readonly Step[]) {
    this.#caller = caller
    this.#children = children
  }

  receive(record: AnyRecord, tree: CallTree, look: LookAhead): void {
    const call = tree.add(this.#caller.operator)
    look.opened()
    void this.#make(record, call, look)
  }

  async #make(record: AnyRecord, call: Call, look: LookAhead): Promise<void> {
    try {
      const answer = await this.#caller.call(record)
      call.answer(answer)
      const next = { ...record, value: answer === undefined ? null : answer }
      this.#walkOn(next, call.below, look)
    } catch (error) {
      call.reject(error)
    } finally {
      look.closed()
    }
  }

  #walkOn(record: AnyRecord, tree: CallTree, look: LookAhead): void {
    try {
      for (const child of this.#children) child.receive(record, tree, look)
    } catch {
      // It throws again in the record's turn.
    }
  }
}
