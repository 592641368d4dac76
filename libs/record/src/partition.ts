import { assert } from '@millrace/errors'
import { murmur2 } from './murmur2.ts'
import type { Serde } from './serde.ts'

/** The partition of a key, as Kafka's default partitioner (`BuiltInPartitioner.partitionForKey`). */
export function partitionFor(keyBytes: Uint8Array, partitionCount: number): number {
  assert(partitionCount > 0, `a topic with ${partitionCount} partitions`)
  return (murmur2(keyBytes) & 0x7fffffff) % partitionCount
}

/** The partition of a key that this serde wrote: a windowed key goes where its bare key goes. */
export function partitionOf(
  serde: Serde<never> | Serde<unknown>,
  keyBytes: Buffer,
  partitionCount: number,
): number {
  const deciding = serde.partitionBytes ? serde.partitionBytes(keyBytes) : keyBytes
  return partitionFor(deciding, partitionCount)
}
