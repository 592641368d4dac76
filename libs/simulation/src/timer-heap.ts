export interface Timer {
  readonly atMs: number
  /** Order of setting: timers of the same moment fire in it. */
  readonly sequence: number
  /** Null once cancelled or fired. */
  callback: (() => void) | null
}

/** Timers by moment, then by the order in which they were set. Cancelled ones are swept when they are half. */
export class TimerHeap {
  #timers: Timer[] = []
  #cancelled = 0
  #sequence = 0

  /** Timers still to fire. */
  get size(): number {
    return this.#timers.length - this.#cancelled
  }

  add(atMs: number, callback: () => void): Timer {
    const timer = { atMs, sequence: this.#sequence++, callback }
    this.#timers.push(timer)
    this.#rise(this.#timers.length - 1)
    return timer
  }

  cancel(timer: Timer): void {
    if (timer.callback === null) return
    timer.callback = null
    this.#cancelled++
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#timers.length) this.#sweep()
  }

  /** The next timer to fire, left in place. */
  peek(): Timer | undefined {
    while (this.#timers.length > 0 && this.#timers[0]!.callback === null) {
      this.#removeFirst()
      this.#cancelled--
    }
    return this.#timers[0]
  }

  pop(): Timer | undefined {
    const timer = this.peek()
    if (timer !== undefined) this.#removeFirst()
    return timer
  }

  #sweep(): void {
    this.#timers = this.#timers.filter((timer) => timer.callback !== null).sort(compare)
    this.#cancelled = 0
  }

  #removeFirst(): void {
    const last = this.#timers.pop()!
    if (this.#timers.length === 0) return
    this.#timers[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    const timers = this.#timers
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (compare(timers[parent]!, timers[at]!) <= 0) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #sink(from: number): void {
    const timers = this.#timers
    let at = from
    for (;;) {
      const left = at * 2 + 1
      const right = left + 1
      let least = at
      if (left < timers.length && compare(timers[left]!, timers[least]!) < 0) least = left
      if (right < timers.length && compare(timers[right]!, timers[least]!) < 0) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const held = this.#timers[a]!
    this.#timers[a] = this.#timers[b]!
    this.#timers[b] = held
  }
}

function compare(a: Timer, b: Timer): number {
  return a.atMs - b.atMs || a.sequence - b.sequence
}
