import type { TaskId } from '@millrace/topology'

/** One writer that a task's time waits for. */
export interface UpstreamWriter {
  /** The repartition topic it writes to; `''` for the task's own external sources. */
  readonly topic: string
  readonly taskId: TaskId
}

/** Nothing heard from a writer yet. */
const unheard = -1
/** In place of the slowest writer's index: all are idle. */
const nobody = -1

/**
 * Stream time of a task that reads what several tasks write (decision 12): the smallest time over
 * its writers, so that the fastest never makes a slower one's records late. A writer that said it
 * is idle is left out; where all are idle nobody is waited for, and time is the largest of them.
 * Never goes back.
 *
 * Updates are O(1) except when the slowest writer moves: then all are looked through.
 */
export class UpstreamTime {
  readonly #writers: readonly UpstreamWriter[]
  readonly #times: Float64Array
  readonly #idle: Uint8Array
  /** Index by `topic`, sub-topology and partition. */
  readonly #index = new Map<string, number>()
  #slowest = 0
  #streamTimeMs = unheard
  #isChanged = false

  constructor(writers: readonly UpstreamWriter[]) {
    this.#writers = writers
    this.#times = new Float64Array(writers.length).fill(unheard)
    this.#idle = new Uint8Array(writers.length)
    for (const [index, writer] of writers.entries()) this.#index.set(keyOf(writer), index)
  }

  get streamTimeMs(): number {
    return this.#streamTimeMs
  }

  /** Whether every writer is idle, so that this task can only be idle itself. */
  get areAllIdle(): boolean {
    return this.#idle.every((flag) => flag === 1)
  }

  /** The furthest writer's time; -1 where nothing was heard. */
  get largestMs(): number {
    return this.#times.reduce((largest, time) => Math.max(largest, time), unheard)
  }

  /** Who is waited for; null where all are idle. */
  get slowestWriter(): UpstreamWriter | null {
    return this.#writers[this.#slowest] ?? null
  }

  /** -1 where the plan does not have it. */
  indexOf(writer: UpstreamWriter): number {
    return this.#index.get(keyOf(writer)) ?? -1
  }

  /** Index of each writer of a topic, by sub-topology and partition. */
  writersOf(topic: string): readonly (readonly number[] | undefined)[] {
    const table: number[][] = []
    for (const [index, writer] of this.#writers.entries()) {
      if (writer.topic !== topic) continue
      const row = (table[writer.taskId.subTopology] ??= [])
      row[writer.taskId.partition] = index
    }
    return table
  }

  /** Takes in what a writer says of itself; its time only rises, its idleness is what it said last. */
  update(index: number, streamTimeMs: number, isIdle: boolean): void {
    const flag = isIdle ? 1 : 0
    const moved = streamTimeMs > (this.#times[index] as number)
    if (!moved && this.#idle[index] === flag) return
    this.#isChanged = true
    if (moved) this.#times[index] = streamTimeMs
    const flagged = this.#idle[index] !== flag
    this.#idle[index] = flag
    const isDeciding = index === this.#slowest || this.#slowest === nobody
    if (flagged || isDeciding) this.#recompute()
  }

  /** The table for the state, or null where it did not change since the last call. */
  takeSnapshot(): Buffer | null {
    if (!this.#isChanged) return null
    this.#isChanged = false
    const rows = this.#writers.map((writer, index) => [
      keyOf(writer),
      this.#times[index],
      this.#idle[index],
    ])
    return Buffer.from(
      JSON.stringify({ version: 1, streamTimeMs: this.#streamTimeMs, writers: rows }),
    )
  }

  /** Takes over the table of an earlier run; writers that the plan no longer has are forgotten. */
  restore(snapshot: Buffer): void {
    const parsed: Snapshot = JSON.parse(snapshot.toString('utf8'))
    for (const [key, time, idle] of parsed.writers) {
      const index = this.#index.get(key)
      if (index === undefined) continue
      this.#times[index] = time
      this.#idle[index] = idle
    }
    this.#streamTimeMs = parsed.streamTimeMs
    this.#recompute()
    this.#isChanged = false
  }

  #recompute(): void {
    let slowest = nobody
    let largest = unheard
    for (let index = 0; index < this.#times.length; index++) {
      const time = this.#times[index] as number
      largest = Math.max(largest, time)
      if (this.#idle[index] === 1) continue
      if (slowest === nobody || time < (this.#times[slowest] as number)) slowest = index
    }
    this.#slowest = slowest
    const time = slowest === nobody ? largest : (this.#times[slowest] as number)
    this.#streamTimeMs = Math.max(this.#streamTimeMs, time)
  }
}

interface Snapshot {
  readonly streamTimeMs: number
  readonly writers: readonly (readonly [key: string, time: number, idle: number])[]
}

function keyOf(writer: UpstreamWriter): string {
  return `${writer.topic} ${writer.taskId.subTopology}_${writer.taskId.partition}`
}
