import type { RefusedTimestamps } from '@millrace/kafka'
import type { Clock } from '@millrace/time'

/** How long a broker's word is remembered: its clock goes on, and settings change. */
const rememberedMs = 60_000
const rememberedMax = 100_000

/**
 * Timestamps that brokers have refused, by topic. The broker's clock judges, and after the fact, of a
 * batch; when its records are made again, the one of which the refused result is made is known.
 */
export class TimestampRefusals {
  readonly #clock: Clock
  readonly #topics = new Map<string, Map<number, number>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  learn({ topic, timestampsMs }: RefusedTimestamps): void {
    const atMs = this.#clock.monotonicMs()
    const known = this.#topics.get(topic) ?? new Map<number, number>()
    for (const timestampMs of timestampsMs) known.delete(timestampMs)
    for (const timestampMs of timestampsMs) known.set(timestampMs, atMs)
    // Oldest first: they are in the order of learning.
    for (const [timestampMs, learnedAtMs] of known) {
      if (known.size <= rememberedMax && atMs - learnedAtMs < rememberedMs) break
      known.delete(timestampMs)
    }
    this.#topics.set(topic, known)
  }

  isRefused(topic: string, timestampMs: number): boolean {
    const learnedAtMs = this.#topics.get(topic)?.get(timestampMs)
    return learnedAtMs !== undefined && this.#clock.monotonicMs() - learnedAtMs < rememberedMs
  }
}
