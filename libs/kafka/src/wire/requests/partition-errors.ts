import type { PartitionError } from '../../ports/transport.ts'
import type { Decoder } from '../primitives/decoder.ts'

/** An answer that is: throttleTimeMs int32 · topics [name string · partitions [partition int32 · errorCode int16]]. */
export function decodePartitionErrors(decoder: Decoder): PartitionError[] {
  decoder.throttleTime()
  const topics = decoder.array(() => {
    const topic = decoder.string()
    return decoder.array(() => ({ topic, partition: decoder.int32(), errorCode: decoder.int16() }))
  })
  return topics.flat()
}
