import { createHash } from 'node:crypto'
import type { Headers } from '@millrace/record'
import { effectIdHeader } from '@millrace/topology'
import type { SourceOfRecord } from './late-record.ts'

/** What is to be written. */
export interface Intent {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestampMs: number
}

/**
 * Names the effects of one sink by the record that they come from: when that record is processed
 * again they have the same names. What is sent at a commit is named by the last record before it.
 *
 * A topic of the application's own begins again at offset 0 after a rebuild or a reset. A name that
 * was given before must not be given to another effect, which its receiver would take for a
 * repetition: there a digest of the intent is part of it.
 */
export class EffectIds {
  readonly #sink: string
  readonly #currentSource: () => SourceOfRecord
  readonly #isInternal: (topic: string) => boolean
  #last = ''
  #ordinal = 0

  constructor(
    sink: string,
    currentSource: () => SourceOfRecord,
    isInternal: (topic: string) => boolean,
  ) {
    this.#sink = sink
    this.#currentSource = currentSource
    this.#isInternal = isInternal
  }

  /** The headers with the next id, in place of one that came with the record. */
  on(headers: Headers, intent: Intent): Headers {
    const { topic, partition, offset } = this.#currentSource()
    const position = `${this.#sink}/${topic}-${partition}@${offset}`
    this.#ordinal = position === this.#last ? this.#ordinal + 1 : 0
    this.#last = position
    const others = headers.filter(([name]) => name !== effectIdHeader)
    const digest = this.#isInternal(topic) ? `~${digestOf(intent)}` : ''
    return [...others, [effectIdHeader, Buffer.from(`${position}#${this.#ordinal}${digest}`)]]
  }
}

function digestOf({ key, value, timestampMs }: Intent): string {
  const hash = createHash('sha256').update(String(timestampMs))
  for (const bytes of [key, value]) hash.update(`/${bytes?.length ?? 'null'}/`).update(bytes ?? '')
  return hash.digest('hex').slice(0, 16)
}
