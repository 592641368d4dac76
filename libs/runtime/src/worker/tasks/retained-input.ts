import type { FetchedPartition } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { partitionKey } from '../../assignment/task-definition.ts'

interface Retained {
  fetched: FetchedPartition[]
  /** Behind the last of them: where the fetcher goes on. */
  nextOffset: number
}

/**
 * What was fetched and not committed, so that tasks which start again from the last commit need not
 * fetch it again: at the end of a log a fetch is under way that the broker holds for half a second, and
 * behind it waits every other. Above its bound the oldest goes first, and is then fetched again.
 */
export class RetainedInput {
  readonly #maxBytes: number
  readonly #byPartition = new Map<string, Retained>()
  #sizeBytes = 0

  constructor({ maxBytes }: { readonly maxBytes: number }) {
    this.#maxBytes = maxBytes
  }

  /** In the order of the log. */
  take(fetched: FetchedPartition): void {
    const key = partitionKey(fetched)
    const known = this.#byPartition.get(key)
    if (known !== undefined && known.nextOffset !== fetched.offset) this.forget(fetched)
    const retained = this.#byPartition.get(key) ?? { fetched: [], nextOffset: fetched.offset }
    this.#byPartition.set(key, retained)
    retained.nextOffset = fetched.nextOffset
    retained.fetched.push(fetched)
    this.#sizeBytes += fetched.sizeBytes
    while (this.#sizeBytes > this.#maxBytes && retained.fetched.length > 0) this.#shift(retained)
  }

  /** Everything before this offset is committed. */
  committed(at: TopicPartition, offset: number): void {
    const retained = this.#byPartition.get(partitionKey(at))
    if (retained === undefined) return
    while ((retained.fetched[0]?.nextOffset ?? Number.POSITIVE_INFINITY) <= offset)
      this.#shift(retained)
  }

  /** What lies from this offset to where the fetcher goes on; null where not all of it is here. */
  from(at: TopicPartition, offset: number): readonly FetchedPartition[] | null {
    const retained = this.#byPartition.get(partitionKey(at))
    if (retained === undefined || offset > retained.nextOffset) return null
    this.committed(at, offset)
    const begins = retained.fetched[0]?.offset ?? retained.nextOffset
    return begins <= offset ? [...retained.fetched] : null
  }

  forget(at: TopicPartition): void {
    for (const { sizeBytes } of this.#byPartition.get(partitionKey(at))?.fetched ?? [])
      this.#sizeBytes -= sizeBytes
    this.#byPartition.delete(partitionKey(at))
  }

  #shift(retained: Retained): void {
    this.#sizeBytes -= retained.fetched.shift()?.sizeBytes ?? 0
  }
}
