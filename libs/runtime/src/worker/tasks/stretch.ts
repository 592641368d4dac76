const recordsMax = 256

/**
 * How many records a task processes before the time is looked at: looking costs, and a stretch must not
 * take much longer than the slice it is part of, or heartbeats, fetches and commits wait for it. Begins
 * with one record; what each took decides on the next.
 */
export class Stretch {
  records = 1
  readonly #sliceMs: number

  constructor(sliceMs: number) {
    this.#sliceMs = sliceMs
  }

  took(records: number, elapsedMs: number): void {
    const halfMs = this.#sliceMs / 2
    if (elapsedMs > halfMs) {
      this.records = Math.max(1, Math.floor((this.records * halfMs) / elapsedMs))
    } else if (records === this.records && elapsedMs < halfMs / 2) {
      this.records = Math.min(recordsMax, this.records * 2)
    }
  }
}
