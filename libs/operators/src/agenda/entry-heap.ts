import type { AgendaEntry } from './agenda-page.ts'

/** Entries of which the first is at hand: by time, window start, key (unsigned bytes), tag. */
export class EntryHeap {
  readonly #entries: AgendaEntry[] = []

  get first(): AgendaEntry | undefined {
    return this.#entries[0]
  }

  push(entry: AgendaEntry): void {
    const entries = this.#entries
    let at = entries.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (compareEntries(entries[parent] as AgendaEntry, entry) <= 0) break
      entries[at] = entries[parent] as AgendaEntry
      at = parent
    }
    entries[at] = entry
  }

  /** Removes the first. */
  pop(): AgendaEntry | undefined {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()
    if (last === undefined || entries.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= entries.length) break
      const right = child + 1
      const [left, other] = [entries[child] as AgendaEntry, entries[right]]
      if (other !== undefined && compareEntries(other, left) < 0) child = right
      const smaller = entries[child] as AgendaEntry
      if (compareEntries(last, smaller) <= 0) break
      entries[at] = smaller
      at = child
    }
    entries[at] = last
    return first
  }
}

export function compareEntries(left: AgendaEntry, right: AgendaEntry): number {
  return (
    left.timeMs - right.timeMs ||
    left.windowStartMs - right.windowStartMs ||
    left.key.compare(right.key) ||
    left.tag - right.tag
  )
}
