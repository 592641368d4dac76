import { isUnresolved, noHeaders, type Record } from '@millrace/record'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { SubTopology, Topology } from '@millrace/topology'
import { partitionKey } from '../assignment/task-definition.ts'
import type { MarkedRecords } from '../failure/marked-records.ts'
import { decode, isHeartbeat, type RecordQueue, type TakenRecord } from '../task/record-queue.ts'
import { readTimeHeader } from '../time/time-header.ts'
import { CallPath, type LookAhead } from './call-path.ts'
import { CallTree } from './call-tree.ts'
import { Caller } from './caller.ts'
import { RecordReader } from './record-reader.ts'

export interface CallsAheadOptions {
  readonly topology: Topology
  readonly subTopology: SubTopology
  readonly clock: Clock
  readonly callClock?: Clock | undefined
  readonly marked: MarkedRecords
  readonly logger: Logger
}

/** Records of one queue that are looked at before their turn. */
const looksMax = 1_000

/**
 * The calls of one task (`mapAsync`), made for records that still wait in its queues: a record is
 * processed, synchronously and in its turn, when its calls are answered. So order, time, positions,
 * failures and commits are what they are without calls; a commit never passes a record whose call is
 * not over, and a call may be made again after a crash.
 *
 * At most twice as many calls are under way, or answered and waiting for their turn, as may be
 * made at once.
 */
export class CallsAhead {
  readonly callers: ReadonlyMap<string, Caller>
  readonly #options: CallsAheadOptions
  readonly #sources = new Map<RecordQueue, CallsOfSource>()
  readonly #aheadMax: number
  #turn: CallTree = new CallTree()
  #isEnded = false

  private constructor(options: CallsAheadOptions, callers: ReadonlyMap<string, Caller>) {
    this.#options = options
    this.callers = callers
    let concurrency = 0
    for (const caller of callers.values()) concurrency += caller.concurrency
    this.#aheadMax = 2 * concurrency
  }

  /** Null where the sub-topology makes no calls. */
  static of(options: CallsAheadOptions): CallsAhead | null {
    const callers = new Map<string, Caller>()
    const { clock, callClock = clock } = options
    for (const name of options.subTopology.nodes) {
      const node = options.topology.nodes.get(name)
      if (node?.kind !== 'processor' || node.calls === undefined) continue
      callers.set(name, new Caller(name, node.calls, callClock, options.logger))
    }
    return callers.size === 0 ? null : new CallsAhead(options, callers)
  }

  /** The queues are there. */
  watch(queues: readonly RecordQueue[]): void {
    const { topology, subTopology, marked } = this.#options
    for (const queue of queues) {
      const path = CallPath.of(queue.node.name, topology, subTopology, this.callers)
      if (path === undefined) continue
      const isSettled = (offset: number): boolean => {
        const kind = marked.at(partitionKey(queue.source), offset)?.kind
        return kind === 'failed' || kind === 'skip'
      }
      const source = new CallsOfSource({ queue, path, isSettled, onAnswered: () => this.pump() })
      this.#sources.set(queue, source)
    }
  }

  /** Calls under way. */
  get inFlight(): number {
    let inFlight = 0
    for (const caller of this.callers.values()) inFlight += caller.inFlight
    return inFlight
  }

  /** Makes the calls of records that were fetched since, within bounds. */
  pump(): void {
    if (this.#isEnded) return
    let ahead = 0
    for (const source of this.#sources.values()) ahead += source.forgetPassed()
    for (let isAny = true; isAny && ahead < this.#aheadMax; ) {
      isAny = false
      // One record each in turn: no partition takes all the places.
      for (const source of this.#sources.values()) {
        const made = source.lookFurther()
        if (made === undefined) continue
        isAny = true
        ahead += made
      }
    }
  }

  /** Settled when the calls of the queue's head are over; null where they are. */
  waitFor(queue: RecordQueue): Promise<void> | null {
    return this.#sources.get(queue)?.waitForHead() ?? null
  }

  /** The record that the queue gave out last has its turn. */
  begin(queue: RecordQueue): void {
    this.#turn = this.#sources.get(queue)?.callsOf(queue.taken.offset) ?? new CallTree()
  }

  /** The record is put back: its calls are made again. */
  again(queue: RecordQueue): void {
    this.#sources.get(queue)?.forget(queue.taken.offset)
  }

  /** See `ProcessorContext.answered`. */
  answered(operator: string, then: (answer: unknown) => void): void {
    const outer = this.#turn
    const call = outer.take(operator)
    const answer = call.get()
    this.#turn = call.below
    try {
      then(answer)
    } finally {
      this.#turn = outer
    }
  }

  /** Calls that are under way are aborted. */
  close(): void {
    this.#isEnded = true
    for (const caller of this.callers.values()) caller.end()
  }
}

interface SourceOptions {
  readonly queue: RecordQueue
  readonly path: CallPath
  /** Whether a record will be passed over in its turn. */
  readonly isSettled: (offset: number) => boolean
  readonly onAnswered: () => void
}

class CallsOfSource {
  readonly #options: SourceOptions
  readonly #reader: RecordReader
  readonly #looks = new Map<number, Look>()
  /** Largest event time read ahead, for extractors. */
  #timeMs = -1

  constructor(options: SourceOptions) {
    const { queue } = options
    this.#options = options
    this.#reader = new RecordReader((offset) => queue.batchesFrom(offset), queue.position)
  }

  /** Lets go of the records that left the queue; returns how many calls of others there are. */
  forgetPassed(): number {
    const { position } = this.#options.queue
    this.#reader.passTo(position)
    let calls = 0
    for (const [offset, look] of this.#looks) {
      if (offset < position) this.#looks.delete(offset)
      else calls += look.made
    }
    return calls
  }

  /** Looks at the next record; returns how many calls it makes, undefined where no record is. */
  lookFurther(): number | undefined {
    if (this.#looks.size >= looksMax) return undefined
    const taken = this.#reader.read()
    if (taken === undefined) return undefined
    const known = this.#looks.get(taken.offset)
    const isOver = known !== undefined || this.#options.isSettled(taken.offset)
    return isOver ? 0 : this.#look(taken, this.#timeAhead(taken)).made
  }

  waitForHead(): Promise<void> | null {
    const { queue } = this.#options
    const look =
      this.#looks.get(queue.headOffset) ?? this.#look(queue.headTaken(), queue.headTimestampMs)
    return look.isOpen ? look.settled : null
  }

  callsOf(offset: number): CallTree | undefined {
    return this.#looks.get(offset)?.tree
  }

  forget(offset: number): void {
    this.#looks.delete(offset)
  }

  #look(taken: TakenRecord, timestampMs: number): Look {
    const look = new Look(this.#options.onAnswered)
    this.#looks.set(taken.offset, look)
    try {
      const record = this.#recordOf(taken, timestampMs)
      if (record !== null) this.#options.path.walk(record, look)
    } catch (error) {
      // A serde or a function in front of the call: it throws again in the record's turn, and fails
      // there. What cannot be read yet is looked at again then.
      if (isUnresolved(error)) this.#looks.delete(taken.offset)
    }
    return look
  }

  /** Null for what no operator is to see. Throws what the serdes throw. */
  #recordOf(taken: TakenRecord, timestampMs: number): Record<unknown, unknown> | null {
    const { node } = this.#options.queue
    if (timestampMs < 0 || isHeartbeat(node, taken)) return null
    const { headers } = taken
    const carriesTime = readTimeHeader(headers, news)
    if (carriesTime && news.isMarker) return null
    const own = headers.length === 1 ? noHeaders : headers.slice(0, -1)
    return decode(node, { ...taken, timestampMs, headers: carriesTime ? own : headers })
  }

  /** The event time that the record will have, as far as the records before it let it be known. */
  #timeAhead(taken: TakenRecord): number {
    const { node, source, partitionTimeMs } = this.#options.queue
    if (node.timestamp === undefined) return taken.timestampMs
    this.#timeMs = Math.max(this.#timeMs, partitionTimeMs)
    try {
      const { topic, partition } = source
      const at = { topic, partition, offset: taken.offset, partitionTimeMs: this.#timeMs }
      const timestampMs = node.timestamp({ record: decode(node, taken), ...at })
      this.#timeMs = Math.max(this.#timeMs, timestampMs)
      return timestampMs
    } catch {
      return -1
    }
  }
}

const news = { subTopology: 0, partition: 0, streamTimeMs: -1, isIdle: false, isMarker: false }

/** A record that was looked at, and whether its calls are over. */
class Look implements LookAhead {
  readonly tree = new CallTree()
  made = 0
  readonly #settled = Promise.withResolvers<void>()
  readonly #onAnswered: () => void
  #openCount = 0

  constructor(onAnswered: () => void) {
    this.#onAnswered = onAnswered
  }

  get isOpen(): boolean {
    return this.#openCount > 0
  }

  get settled(): Promise<void> {
    return this.#settled.promise
  }

  opened(): void {
    this.made++
    this.#openCount++
  }

  closed(): void {
    this.#openCount--
    if (this.#openCount === 0) this.#settled.resolve()
    this.#onAnswered()
  }
}
