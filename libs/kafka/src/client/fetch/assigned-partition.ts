import { assert } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import { noLeader } from '../metadata/topic-metadata.ts'
import type { FetchedAnswer } from './fetched-answer.ts'

/** One partition that a fetcher reads: the position to ask for next, and what is fetched and not polled. */
export class AssignedPartition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  isPaused = false
  /** Set after an answer that asks for newer metadata; no fetch before it came. */
  awaitsMetadata = false
  /** Set while an out-of-range answer is being compared with the log's start and end. */
  isInQuestion = false
  /** Thrown by poll once what was fetched before it has been polled; stays until the next `moveTo`. */
  error: Error | null = null
  /** The broker being asked, -1 for none. */
  askedOf: number = noLeader

  #offset: number
  #epoch = 0
  #answers: FetchedAnswer[] = []
  #bufferedBytes = 0

  constructor(topic: string, partition: number, offset: number) {
    this.topic = topic
    this.partition = partition
    this.#offset = offset
  }

  /** The next offset to ask for: ahead of what has been polled. */
  get offset(): number {
    return this.#offset
  }

  /** Changes with every `moveTo` and `disown`: an answer to a request of another epoch is stale. */
  get epoch(): number {
    return this.#epoch
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  get hasAnswer(): boolean {
    return this.#answers.length > 0
  }

  moveTo(offset: number): void {
    this.#offset = offset
    this.#answers = []
    this.#bufferedBytes = 0
    this.error = null
    this.isInQuestion = false
    this.disown()
  }

  /** Makes a request that is under way stale; the position stays. */
  disown(): void {
    this.#epoch++
    this.askedOf = noLeader
  }

  /** Keeps an answer and moves on. Of empty answers in a row only the last is kept. */
  push(fetched: FetchedAnswer): void {
    assert(
      fetched.offset === this.#offset,
      `an answer for ${fetched.offset} at position ${this.#offset}`,
    )
    const last = this.#answers.at(-1)
    if (last?.batches.length === 0 && fetched.batches.length === 0) {
      this.#answers.pop()
      this.#bufferedBytes -= last.sizeBytes
    }
    this.#answers.push(fetched)
    this.#bufferedBytes += fetched.sizeBytes
    this.#offset = fetched.nextOffset
  }

  /** Drops what is fetched, too. */
  fail(error: Error): void {
    this.moveTo(this.#answers[0]?.offset ?? this.#offset)
    this.error = error
  }

  first(): FetchedAnswer {
    return this.#answers[0]!
  }

  shift(): void {
    this.#bufferedBytes -= this.#answers.shift()!.sizeBytes
  }
}
