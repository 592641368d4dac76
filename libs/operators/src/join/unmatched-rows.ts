import type { Agenda } from '../agenda/agenda.ts'
import type { AgendaEntry } from '../agenda/agenda-page.ts'
import type { JoinSide } from './join-kind.ts'

/** A row that is to have its result without a match. */
export interface UnmatchedRow {
  readonly side: JoinSide
  readonly timestampMs: number
  readonly key: Buffer
}

interface Queue {
  readonly side: JoinSide
  readonly agenda: Agenda
  readonly openForMs: number
  next: AgendaEntry | undefined
}

/**
 * The rows of preserved sides that waited for a match, until they close: given out by timestamp,
 * right before left, key (unsigned bytes). Each side is an agenda by timestamp; two rows of one
 * key and timestamp are one entry.
 */
export class UnmatchedRows {
  readonly #queues: readonly Queue[]

  constructor(sides: readonly Omit<Queue, 'next'>[]) {
    this.#queues = sides.map((side) => ({ ...side, next: undefined }))
  }

  add(side: JoinSide, timestampMs: number, key: Buffer): void {
    const queue = this.#queues.find((it) => it.side === side)
    queue?.agenda.add({ timeMs: timestampMs, windowStartMs: -1, tag: 0, key })
  }

  /** The next row that is closed at this stream time; undefined where no more is. */
  next(streamTimeMs: number): UnmatchedRow | undefined {
    let first: Queue | undefined
    for (const queue of this.#queues) {
      queue.next ??= queue.agenda.next(streamTimeMs - queue.openForMs - 1)
      if (queue.next !== undefined && (first === undefined || isBefore(queue, first))) first = queue
    }
    const entry = first?.next
    if (first === undefined || entry === undefined) return undefined
    first.next = undefined
    return { side: first.side, timestampMs: entry.timeMs, key: entry.key }
  }

  /** At the seal of a commit. */
  save(): void {
    for (const { agenda } of this.#queues) agenda.save()
  }
}

function isBefore(queue: Queue, other: Queue): boolean {
  const [own, others] = [queue.next as AgendaEntry, other.next as AgendaEntry]
  return own.timeMs < others.timeMs || (own.timeMs === others.timeMs && queue.side === 'right')
}
