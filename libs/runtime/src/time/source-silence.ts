/**
 * Whether one source partition is proven read to its end and silent. Only time in which the source
 * could be read counts: silence runs from the moment when everything was read up to the latest
 * answer that showed the end unmoved, so a lost broker, a pause or a backlog never looks like
 * silence (the trap of FLIP-471).
 */
export class SourceSilence {
  #sinceMs: number | null = null
  #untilMs: number | null = null

  /** A fetch was answered: the position is at the log's end and nothing waits in the queue. */
  provenAtEnd(nowMs: number): void {
    this.#sinceMs ??= nowMs
    this.#untilMs = nowMs
  }

  /** A record came, the partition was paused, or it is not at its end. */
  broken(): void {
    this.#sinceMs = null
    this.#untilMs = null
  }

  lastedMs(): number {
    return this.#sinceMs === null || this.#untilMs === null ? 0 : this.#untilMs - this.#sinceMs
  }
}
