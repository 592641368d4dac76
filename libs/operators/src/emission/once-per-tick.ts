const itemsMax = 100_000

/**
 * Remembers what was noted for the coming tick, so that it is noted once. What is forgotten, at the
 * bound or in a restart, is noted twice, which the agenda gives out once.
 */
export class OncePerTick<T> {
  readonly #items = new Set<T>()
  #tickMs = -1

  /** Whether it was not yet noted for this tick. */
  add(item: T, tickMs: number): boolean {
    if (tickMs !== this.#tickMs || this.#items.size >= itemsMax) {
      this.#items.clear()
      this.#tickMs = tickMs
    }
    if (this.#items.has(item)) return false
    this.#items.add(item)
    return true
  }
}
