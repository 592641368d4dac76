import type { Record } from '@millrace/record'
import type { LateRecord, LateTopic } from '@millrace/topology'
import { type LateReason, lateHeaders, type SourceOfRecord } from './late-record.ts'
import type { OutputTopic } from './output-topic.ts'

/** Writes late records of one operator to its late topic. */
export class LateOutput {
  readonly #operator: string
  readonly #late: LateTopic
  readonly #output: OutputTopic
  readonly #source: () => SourceOfRecord

  constructor(
    operator: string,
    late: LateTopic,
    output: OutputTopic,
    source: () => SourceOfRecord,
  ) {
    this.#operator = operator
    this.#late = late
    this.#output = output
    this.#source = source
  }

  send(record: Record<unknown, unknown>, late: LateRecord, reason: LateReason): void {
    const key = record.key == null ? null : this.#late.keySerde.serialize(record.key)
    const value = record.value == null ? null : this.#late.valueSerde.serialize(record.value)
    const partition = this.#output.partitionOf(this.#late.keySerde, key)
    const headers = lateHeaders(record, this.#operator, late, reason, this.#source())
    this.#output.append(partition, key, value, record.timestampMs, headers)
  }
}
