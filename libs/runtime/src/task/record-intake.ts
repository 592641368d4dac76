import { noHeaders, type Record } from '@millrace/record'
import { readTimeHeader, type UpstreamNews } from '../time/time-header.ts'
import type { UpstreamTime } from '../time/upstream-time.ts'

/** What a record of a repartition topic turned out to be. */
export type Intake = 'record' | 'marker'

/**
 * Reads the time that an upstream task put on a record of a repartition, and hides it from the
 * operators. A record without it (none of ours wrote it) passes as it is.
 */
export class RecordIntake {
  readonly #upstream: UpstreamTime
  /** Index of each writer of the topic in `#upstream`, by sub-topology and partition. */
  readonly #writers: readonly (readonly number[] | undefined)[]
  /** Filled anew for each record. */
  readonly #news: { -readonly [Field in keyof UpstreamNews]: UpstreamNews[Field] } = {
    subTopology: 0,
    partition: 0,
    streamTimeMs: -1,
    isIdle: false,
    isMarker: false,
  }
  record: Record<unknown, unknown> | null = null

  constructor(topic: string, upstream: UpstreamTime) {
    this.#upstream = upstream
    this.#writers = upstream.writersOf(topic)
  }

  take(record: Record<unknown, unknown>): Intake {
    this.record = record
    const news = this.#news
    if (!readTimeHeader(record.headers, news)) return 'record'
    // A writer that the plan does not know, of an older plan say, is not waited for.
    const writer = this.#writers[news.subTopology]?.[news.partition]
    if (writer !== undefined) this.#upstream.update(writer, news.streamTimeMs, news.isIdle)
    if (news.isMarker) return 'marker'
    const { key, value, timestampMs, headers } = record
    const own = headers.length === 1 ? noHeaders : headers.slice(0, -1)
    this.record = { key, value, timestampMs, headers: own }
    return 'record'
  }
}
