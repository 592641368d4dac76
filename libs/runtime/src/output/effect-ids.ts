import type { Headers } from '@millrace/record'
import { effectIdHeader } from '@millrace/topology'
import type { SourceOfRecord } from './late-record.ts'

/**
 * Names the effects of one sink by the record that they come from: when that record is processed
 * again they have the same names. What is sent at a commit is named by the last record before it.
 */
export class EffectIds {
  readonly #sink: string
  readonly #currentSource: () => SourceOfRecord
  #last = ''
  #ordinal = 0

  constructor(sink: string, currentSource: () => SourceOfRecord) {
    this.#sink = sink
    this.#currentSource = currentSource
  }

  /** The headers with the next id, in place of one that came with the record. */
  on(headers: Headers): Headers {
    const { topic, partition, offset } = this.#currentSource()
    const position = `${this.#sink}/${topic}-${partition}@${offset}`
    this.#ordinal = position === this.#last ? this.#ordinal + 1 : 0
    this.#last = position
    const others = headers.filter(([name]) => name !== effectIdHeader)
    return [...others, [effectIdHeader, Buffer.from(`${position}#${this.#ordinal}`)]]
  }
}
