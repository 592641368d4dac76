import type { Record } from '@millrace/record'
import type { Whereabouts } from '@millrace/telemetry'
import type {
  Collector,
  DropReason,
  LateRecord,
  Processor,
  ProcessorNode,
} from '@millrace/topology'
import type { ReleasedResults } from '../failure/released-results.ts'
import { Lateness } from '../metrics/lateness.ts'
import type { LateOutput } from '../output/late-output.ts'
import type { Effects, NodeCounts, Receiver } from './receiver.ts'

export interface CompiledNodeOptions {
  readonly lateOutput: LateOutput | null
  readonly effects: Effects
  readonly whereabouts: Whereabouts
  readonly releases: ReleasedResults
  /** Whether only an idle advance of this task brought time this far. */
  readonly isByIdleAdvance: (timeMs: number) => boolean
}

/** One operator of one task, wired to its children: `forward` is a direct call. */
export class CompiledNode implements Receiver, Collector, NodeCounts {
  readonly name: string
  readonly node: ProcessorNode
  readonly processor: Processor
  readonly children: Receiver[] = []
  received = 0
  completed = 0
  failed = 0
  /** Per record and window. */
  lateCount = 0
  /** Of those, by windows that silence closed; see `IdleAdvance`. */
  lateByIdleAdvance = 0
  readonly lateness = new Lateness()
  readonly droppedCounts: { [R in DropReason]: number } = {
    'null-key': 0,
    'null-value': 0,
    'negative-timestamp': 0,
    'before-window': 0,
    'out-of-order': 0,
    expired: 0,
    'null-foreign-key': 0,
    duplicate: 0,
    'failed-result': 0,
    'failed-rule': 0,
  }
  readonly #lateOutput: LateOutput | null
  readonly #effects: Effects
  readonly #isByIdleAdvance: (timeMs: number) => boolean
  /** What a record counts that comes in: 1 where there is a store, whose rows may change in place. */
  readonly #effectsPerRecord: number
  readonly #whereabouts: Whereabouts
  readonly #id: number
  readonly #releases: ReleasedResults
  /** The result that is being let go, once it is made. */
  #forwarded: Record<unknown, unknown> | null = null

  constructor(node: ProcessorNode, options: CompiledNodeOptions) {
    const { lateOutput, effects, whereabouts } = options
    this.name = node.name
    this.node = node
    this.processor = node.supplier()
    this.#lateOutput = lateOutput
    this.#effects = effects
    this.#releases = options.releases
    this.#isByIdleAdvance = options.isByIdleAdvance
    this.#effectsPerRecord = node.stores.length > 0 ? 1 : 0
    this.#whereabouts = whereabouts
    this.#id = whereabouts.operatorId(node.name)
  }

  get hasLateTopic(): boolean {
    return this.#lateOutput !== null
  }

  receive(record: Record<unknown, unknown>): void {
    this.received++
    this.#effects.count += this.#effectsPerRecord
    const before = this.#whereabouts.enterOperator(this.#id)
    this.processor.process(record, this)
    this.#whereabouts.enterOperator(before)
    this.completed++
  }

  /** See `Processor.flush`. */
  flush(): void {
    if (this.processor.flush === undefined) return
    this.#whereabouts.enterOperator(this.#id)
    this.processor.flush(this)
    this.#whereabouts.leave()
  }

  forward(record: Record<unknown, unknown>): void {
    this.#forwarded = record
    const children = this.children
    for (let index = 0; index < children.length; index++)
      (children[index] as Receiver).receive(record)
  }

  forwardTo(child: number, record: Record<unknown, unknown>): void {
    ;(this.children[child] as Receiver).receive(record)
  }

  release(key: unknown, timestampMs: number, send: () => void): void {
    const released = { operator: this.name, key, timestampMs }
    if (this.#releases.settleMarked(released)) return this.#passOver()
    const effectsBefore = this.#effects.count
    this.#forwarded = null
    try {
      send()
    } catch (error) {
      const hasEffects = this.#effects.count !== effectsBefore
      this.#releases.failed(released, this.#forwarded, error, hasEffects)
      for (const child of this.children) markFailed(child)
      this.#passOver()
    }
  }

  #passOver(): void {
    this.droppedCounts['failed-result']++
    this.#effects.count++
  }

  drop(_record: Record<unknown, unknown>, reason: DropReason): void {
    this.droppedCounts[reason]++
    this.#effects.count++
  }

  late(record: Record<unknown, unknown>, late: LateRecord): void {
    const isByIdleAdvance = this.#isByIdleAdvance(late.closesAtMs)
    this.lateCount++
    if (isByIdleAdvance) this.lateByIdleAdvance++
    this.lateness.add(late.streamTimeMs - record.timestampMs)
    this.#effects.count++
    this.#lateOutput?.send(record, late, isByIdleAdvance ? 'idle-advance' : 'stream-time')
  }
}

/** What a node under way had not completed, and all behind it. */
function markFailed(receiver: Receiver & Partial<NodeCounts & { children: Receiver[] }>): void {
  const { received = 0, completed = 0, children = [] } = receiver
  receiver.failed = received - completed
  for (const child of children) markFailed(child)
}
