import type { Headers, TopicPartition } from '@millrace/record'
import type { PartitionOffset } from '../ports/cluster.ts'
import type { FetchedPartition, Fetcher } from '../ports/fetcher.ts'
import { BatchCursor } from '../wire/batch-cursor.ts'
import type { TestClient } from './test-client.ts'

export interface ReadRecord extends TopicPartition {
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
  readonly headers: Headers
}

/** Collects what a fetcher brings of one partition, checking that positions follow each other. */
export class PartitionReader {
  readonly records: ReadRecord[] = []
  readonly fetcher: Fetcher
  readonly #client: TestClient
  readonly #at: TopicPartition
  #position: number

  constructor(client: TestClient, fetcher: Fetcher, { topic, partition, offset }: PartitionOffset) {
    this.fetcher = fetcher
    this.#client = client
    this.#at = { topic, partition }
    this.#position = offset
    fetcher.assign([{ topic, partition, offset }])
  }

  /** The next offset to read. */
  get position(): number {
    return this.#position
  }

  get values(): readonly (string | null)[] {
    return this.records.map(({ value }) => value)
  }

  async readTo(end: number): Promise<void> {
    const { topic, partition } = this.#at
    await this.#client.until(`${topic}[${partition}] read to ${end}`, async () => {
      if (this.#position < end) await this.poll()
      return this.#position >= end
    })
  }

  /** One poll; resolves to what it brought. */
  async poll(timeoutMs = 200): Promise<readonly FetchedPartition[]> {
    const fetched = await this.fetcher.poll(timeoutMs)
    for (const answer of fetched) {
      this.records.push(...recordsOf(answer))
      this.#position = answer.nextOffset
    }
    return fetched
  }

  /** Reads somewhere else from now on, as a seek does. */
  seek(offset: number): void {
    this.#position = offset
    this.fetcher.add([{ ...this.#at, offset }])
  }
}

export function recordsOf(answer: FetchedPartition): readonly ReadRecord[] {
  const { topic, partition } = answer
  const cursor = new BatchCursor()
  const records: ReadRecord[] = []
  for (const batch of answer.batches) {
    cursor.load(batch)
    while (cursor.next()) {
      if (cursor.offset < answer.offset) continue
      records.push({
        topic,
        partition,
        offset: cursor.offset,
        key: cursor.key()?.toString() ?? null,
        value: cursor.value()?.toString() ?? null,
        timestampMs: cursor.timestampMs,
        headers: cursor
          .headers()
          .map(([name, value]) => [name, value === null ? null : Buffer.from(value)]),
      })
    }
  }
  return records
}
