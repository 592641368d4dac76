import { type HistogramCell, metricCatalogue } from '@millrace/telemetry'

const { buckets = [] } = metricCatalogue.millrace_record_lateness_seconds
const boundsMs = buckets.map((bound) => bound * 1_000)

/** Late records of one operator by how far stream time was ahead of them, since the last publishing. */
export class Lateness {
  readonly #counts = new Float64Array(boundsMs.length + 1)
  readonly #sumsMs = new Float64Array(boundsMs.length + 1)
  #isEmpty = true

  add(latenessMs: number): void {
    let bucket = 0
    while (bucket < boundsMs.length && latenessMs > (boundsMs[bucket] as number)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#sumsMs[bucket] = (this.#sumsMs[bucket] as number) + latenessMs
    this.#isEmpty = false
  }

  /** Asks for the series only where there is something to publish. */
  publish(histogram: () => HistogramCell): void {
    if (this.#isEmpty) return
    const cell = histogram()
    for (const [bucket, count] of this.#counts.entries()) {
      // The mean of a bucket lies in it.
      if (count > 0) cell.observe((this.#sumsMs[bucket] as number) / count / 1_000, count)
    }
    this.#counts.fill(0)
    this.#sumsMs.fill(0)
    this.#isEmpty = true
  }
}
