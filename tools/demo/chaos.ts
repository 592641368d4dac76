import { rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoProcessor } from './processors.ts'

export interface ChaosOptions {
  readonly processors: readonly DemoProcessor[]
  /** Decides who is killed when; printed, so that a run can be repeated as far as a machine allows. */
  readonly seed: number
}

const calmAtStartMs = 4_000
const gapMs = { least: 3_000, most: 7_000 }
const downMs = { least: 200, most: 2_500 }
/** Of so many kills one takes the state with it. */
const deleteEvery = 3

/**
 * Kills the processors again and again, at moments that the seed decides, and starts them on the
 * state that they left, or on none.
 */
export class Chaos {
  readonly seed: number
  kills = 0
  deletions = 0
  readonly #processors: readonly DemoProcessor[]
  readonly #ended = new AbortController()
  #state: number
  #running: Promise<void> = Promise.resolve()

  constructor({ processors, seed }: ChaosOptions) {
    this.seed = seed
    this.#processors = processors
    this.#state = seed >>> 0
  }

  start(): void {
    this.#running = this.#run()
  }

  /** No more kills; resolves when every processor is started again. */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    await wait(calmAtStartMs, undefined, { signal }).catch(() => {})
    while (!signal.aborted) {
      await this.#strike()
      await wait(this.#between(gapMs), undefined, { signal }).catch(() => {})
    }
  }

  /** Mostly one of them, sometimes all at once. */
  async #strike(): Promise<void> {
    const chosen = this.#below(this.#processors.length + 1)
    const struck = this.#processors.filter((_, index) => index === chosen)
    for (const processor of struck.length > 0 ? struck : this.#processors) {
      await processor.end('SIGKILL')
      this.kills += 1
      if (this.kills % deleteEvery !== 0) continue
      await rm(processor.stateDirectory, { recursive: true, force: true })
      this.deletions += 1
    }
    await wait(this.#between(downMs))
    for (const processor of this.#processors) if (!processor.isRunning) processor.start()
  }

  #between({ least, most }: { readonly least: number; readonly most: number }): number {
    return least + this.#below(most - least)
  }

  /** Mulberry32. */
  #below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * bound)
  }
}
