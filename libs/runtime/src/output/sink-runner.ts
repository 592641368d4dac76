import { type Headers, noHeaders, type Record } from '@millrace/record'
import type { Whereabouts } from '@millrace/telemetry'
import type { SinkNode } from '@millrace/topology'
import type { Effects, NodeCounts, Receiver } from '../task/receiver.ts'
import { EffectIds } from './effect-ids.ts'
import type { SourceOfRecord } from './late-record.ts'
import type { OutputTopic } from './output-topic.ts'
import type { TimeStamper } from './time-stamper.ts'

export interface SinkRunnerOptions {
  readonly output: OutputTopic
  /** Where the topic is a repartition that several tasks write. */
  readonly stamper: TimeStamper | null
  readonly effects: Effects
  readonly whereabouts: Whereabouts
  /** Where the record under way came from. */
  readonly currentSource: () => SourceOfRecord
  /** Whether a topic is the application's own. */
  readonly isInternal: (topic: string) => boolean
}

/** Serialises results, chooses their partition and appends them. */
export class SinkRunner implements Receiver, NodeCounts {
  readonly name: string
  received = 0
  completed = 0
  failed = 0
  readonly #node: SinkNode
  readonly #output: OutputTopic
  readonly #stamper: TimeStamper | null
  readonly #effects: Effects
  readonly #whereabouts: Whereabouts
  readonly #id: number
  readonly #effectIds: EffectIds | null

  constructor(node: SinkNode, options: SinkRunnerOptions) {
    const { output, stamper, effects, whereabouts } = options
    this.name = node.name
    this.#node = node
    this.#output = output
    this.#stamper = stamper
    this.#effects = effects
    this.#whereabouts = whereabouts
    this.#id = whereabouts.operatorId(node.name)
    const { currentSource, isInternal } = options
    this.#effectIds = node.effect
      ? new EffectIds(node.effect.sink, currentSource, isInternal)
      : null
  }

  receive(record: Record<unknown, unknown>): void {
    this.received++
    const node = this.#node
    const before = this.#whereabouts.enterOperator(this.#id)
    const key = record.key == null ? null : node.keySerde.serialize(record.key)
    const value = record.value == null ? null : node.valueSerde.serialize(record.value)
    const partition = this.#partitionOf(record, key)
    let headers = node.headers === undefined ? record.headers : node.headers(record)
    const { timestampMs } = record
    if (this.#effectIds !== null) headers = this.#effectIds.on(headers, { key, value, timestampMs })
    this.#output.append(partition, key, value, timestampMs, this.#stamped(headers))
    this.#effects.count++
    this.#whereabouts.enterOperator(before)
    this.completed++
  }

  #partitionOf(record: Record<unknown, unknown>, key: Buffer | null): number {
    const { partitioner, keySerde } = this.#node
    const output = this.#output
    if (partitioner === undefined) return output.partitionOf(keySerde, key)
    return output.check(partitioner(record.key, record.value, output.partitionCount))
  }

  #stamped(headers: Headers): Headers {
    const stamper = this.#stamper
    if (stamper === null) return headers
    const stamp = stamper.current()
    return headers === noHeaders || headers.length === 0 ? stamp : [...headers, ...stamp]
  }
}
