// The row of a key and bucket of sliding windows; for each window:
//
//   8, 8   start, largest timestamp
//   4      revision
//   4, n   aggregate: length (-1: none), bytes as its serde made them

import { internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import type { SlidingBucket } from './sliding-window.ts'

/** The serde of a store of sliding windows, around the one of their aggregates. */
export function slidingBucketSerde<A>(aggregates: Serde<A>): Serde<SlidingBucket<A>> {
  const serde = internalSerde(aggregates)
  return Object.freeze({
    name: `sliding(${aggregates.name})`,
    serialize(bucket: SlidingBucket<A>) {
      const writer = new ByteWriter()
      for (const { startMs, timestampMs, revision, aggregate } of bucket) {
        writer.int64(startMs)
        writer.int64(timestampMs)
        writer.uint32(revision)
        writer.sizedOrNull(aggregate === null ? null : serde.serialize(aggregate))
      }
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const bucket: SlidingBucket<A> = []
      while (!reader.isAtEnd) {
        const [startMs, timestampMs, revision] = [reader.int64(), reader.int64(), reader.uint32()]
        const value = reader.sizedOrNull()
        const aggregate = value === null ? null : serde.deserialize(value)
        bucket.push({ startMs, aggregate, timestampMs, revision, isChanged: false })
      }
      return bucket
    },
  })
}
