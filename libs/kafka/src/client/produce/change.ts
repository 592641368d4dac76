/** Lets any number of waiters sleep until something changed; each then looks for itself. */
export class Change {
  #next: Promise<void> | null = null
  #resolve: () => void = () => {}

  next(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      this.#resolve = resolve
    })
    return this.#next
  }

  tell(): void {
    if (this.#next === null) return
    this.#next = null
    this.#resolve()
  }
}
