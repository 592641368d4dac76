/**
 * Where a simulated process meets the world: timers, requests, answers, disk. Everything passes
 * while the process runs, waits while it is stopped (SIGSTOP), and is gone once it was killed.
 */
export class Gate {
  #state: 'open' | 'held' | 'dead' = 'open'
  #waiting: (() => void)[] = []

  get isDead(): boolean {
    return this.#state === 'dead'
  }

  get isHeld(): boolean {
    return this.#state === 'held'
  }

  pass(act: () => void): void {
    if (this.#state === 'open') act()
    else if (this.#state === 'held') this.#waiting.push(act)
  }

  /** Starts work and hands its outcome on, each when the gate lets it. */
  through<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.pass(() => {
        work().then(
          (value) => this.pass(() => resolve(value)),
          (error) => this.pass(() => reject(error)),
        )
      })
    })
  }

  hold(): void {
    if (this.#state === 'open') this.#state = 'held'
  }

  /** What waited passes, in its order. */
  release(): void {
    if (this.#state !== 'held') return
    this.#state = 'open'
    const waiting = this.#waiting
    this.#waiting = []
    for (const act of waiting) this.pass(act)
  }

  kill(): void {
    this.#state = 'dead'
    this.#waiting = []
  }
}
