import type { FetchedPartition, PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../assignment/task-definition.ts'

/** Answers whose records are not all committed yet; beyond it every second one is forgotten. */
const answersMax = 64

interface Answer {
  readonly atMs: number
  /** Where the partition could be read to, when it came. */
  readonly endOffset: number
}

/**
 * How far, by the clock, a task's committed results are with its input: all that could be read at
 * `throughMs` is in them. It needs no event times, so that old data and a silent topic are not taken
 * for a slow task: an answer with nothing new moves it as well.
 *
 * The end is that of what may be read (the last stable offset): an undecided transaction is the
 * producer's delay.
 */
export class InputFrontier {
  readonly #partitions: readonly PartitionFrontier[]
  readonly #byKey = new Map<string, PartitionFrontier>()
  /** Stream time as of the last commit; -1 before the first. */
  streamTimeMs = -1
  #sealedTimeMs = -1

  constructor(sources: readonly TopicPartition[], openedAtMs: number) {
    this.#partitions = sources.map((source) => {
      const partition = new PartitionFrontier(openedAtMs)
      this.#byKey.set(partitionKey(source), partition)
      return partition
    })
  }

  /** Of the partition that is furthest behind. */
  get throughMs(): number {
    return Math.min(...this.#partitions.map(({ throughMs }) => throughMs))
  }

  /** Whether everything that any answer told of was committed once: until then the start is a guess. */
  get hasCaughtUp(): boolean {
    return this.#partitions.every(({ hasCaughtUp }) => hasCaughtUp)
  }

  answered(fetched: FetchedPartition, atMs: number): void {
    this.#byKey.get(partitionKey(fetched))?.answered({ atMs, endOffset: fetched.lastStableOffset })
  }

  /** At the first step of a commit. */
  sealed(streamTimeMs: number): void {
    this.#sealedTimeMs = streamTimeMs
  }

  committed(offsets: readonly PartitionOffset[]): void {
    this.streamTimeMs = this.#sealedTimeMs
    for (const at of offsets) this.#byKey.get(partitionKey(at))?.committed(at.offset)
  }
}

class PartitionFrontier {
  throughMs: number
  hasCaughtUp = false
  #answers: Answer[] = []
  #committedOffset = -1

  constructor(openedAtMs: number) {
    this.throughMs = openedAtMs
  }

  answered(answer: Answer): void {
    if (answer.endOffset < 0) return
    if (this.#answers.length === answersMax)
      this.#answers = this.#answers.filter((_, index) => index % 2 === 0)
    this.#answers.push(answer)
    this.#settle()
  }

  committed(offset: number): void {
    this.#committedOffset = offset
    this.#settle()
  }

  #settle(): void {
    let covered = 0
    for (const { atMs, endOffset } of this.#answers) {
      if (endOffset > this.#committedOffset) break
      this.throughMs = Math.max(this.throughMs, atMs)
      this.hasCaughtUp = true
      covered++
    }
    if (covered > 0) this.#answers.splice(0, covered)
  }
}
