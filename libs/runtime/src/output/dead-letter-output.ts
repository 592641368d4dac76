import type { MillraceError } from '@millrace/errors'
import { fingerprint, type Topology } from '@millrace/topology'
import { deadLetterHeaders, resultLetterHeaders } from '../failure/dead-letter.ts'
import type { FailedResult } from '../failure/released-results.ts'
import type { TakenRecord } from '../task/record-queue.ts'
import type { SourceOfRecord } from './late-record.ts'
import type { OutputTopic } from './output-topic.ts'
import type { RecordCollector } from './record-collector.ts'

export interface DeadLetterOutputOptions {
  readonly deadLetterTopic?: string | undefined
  readonly collector: RecordCollector
  readonly topology: Topology
}

/** Writes a record's original bytes to the dead-letter topic, with what went wrong in headers. */
export class DeadLetterOutput {
  readonly #output: OutputTopic
  readonly #task: string
  readonly #plan: string
  /** Written so far, by error code. */
  readonly counts = new Map<string, number>()

  private constructor(output: OutputTopic, task: string, plan: string) {
    this.#output = output
    this.#task = task
    this.#plan = plan
  }

  /** Null where there is no topic for them. */
  static of(
    { deadLetterTopic: topic, collector, topology }: DeadLetterOutputOptions,
    task: string,
  ): DeadLetterOutput | null {
    if (topic === undefined) return null
    return new DeadLetterOutput(collector.topic(topic, 0), task, fingerprint(topology))
  }

  send(taken: TakenRecord, source: SourceOfRecord, error: MillraceError, nowMs: number): void {
    const headers = deadLetterHeaders(taken.headers, {
      topic: source.topic,
      partition: source.partition,
      offset: taken.offset,
      timestampMs: taken.timestampMs,
      failedAtMs: nowMs,
      code: error.code,
      message: error.message,
      task: this.#task,
      plan: this.#plan,
    })
    const partition = source.partition % this.#output.partitionCount
    // Neither a negative timestamp is written nor, mostly, one ahead of the clock; the original one
    // stands in the headers.
    const timestampMs = Math.max(0, Math.min(taken.timestampMs, nowMs))
    this.#output.append(partition, taken.key, taken.value, timestampMs, headers)
    this.counts.set(error.code, (this.counts.get(error.code) ?? 0) + 1)
  }

  /** A result that time let go, as JSON; it comes from no record. */
  sendResult(
    { key, value, timestampMs, headers, operator, error }: FailedResult,
    nowMs: number,
  ): void {
    const { code, message } = error
    const where = { operator, task: this.#task, plan: this.#plan }
    const letter = { ...where, timestampMs, failedAtMs: nowMs, code, message }
    const partition = Number(this.#task.split('_')[1] ?? 0) % this.#output.partitionCount
    const atMs = Math.max(0, Math.min(timestampMs, nowMs))
    this.#output.append(partition, key, value, atMs, resultLetterHeaders(headers, letter))
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1)
  }
}
