import type { FetchAnswer, FetchRequest } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

/**
 * Fetch v11, without a fetch session (KIP-227: id 0, epoch -1) and from the leader. The records in
 * the answer are views of it.
 *
 *   request: replicaId int32 (-1) · maxWaitMs int32 · minBytes int32 · maxBytes int32
 *            isolation int8 (0 uncommitted, 1 committed) · sessionId int32 · sessionEpoch int32
 *            topics [name string · partitions [partition int32 · leaderEpoch int32 · offset int64
 *              logStartOffset int64 (followers) · maxBytes int32]]
 *            forgotten [name string · partitions [int32]] · rackId string
 *   answer:  throttleTimeMs int32 · errorCode int16 · sessionId int32
 *            topics [name string · partitions [partition int32 · errorCode int16
 *              highWatermark int64 · lastStableOffset int64 · logStartOffset int64
 *              aborted nullable [producerId int64 · firstOffset int64]
 *              preferredReadReplica int32 · records nullable bytes]]
 */
export const fetch: KafkaRequest<FetchRequest, FetchAnswer> = {
  apiKey: 1,
  apiName: 'Fetch',
  apiVersion: 11,
  isFlexible: false,
  encode(encoder, request) {
    encoder.int32(-1).int32(request.maxWaitMs).int32(request.minBytes).int32(request.maxBytes)
    encoder
      .int8(request.isolation === 'read_committed' ? 1 : 0)
      .int32(0)
      .int32(-1)
    encoder.array(byTopic(request.partitions), ([topic, partitions]) => {
      encoder.string(topic)
      encoder.array(partitions, ({ partition, leaderEpoch, offset, maxBytes }) => {
        encoder
          .int32(partition)
          .int32(leaderEpoch ?? -1)
          .int64(offset)
          .int64(-1)
          .int32(maxBytes)
      })
    })
    encoder.array([], () => {}).string('')
  },
  decode(decoder) {
    decoder.throttleTime()
    const errorCode = decoder.int16()
    decoder.int32()
    const topics = decoder.array(() => {
      const topic = decoder.string()
      return decoder.array(() => {
        const head = {
          topic,
          partition: decoder.int32(),
          errorCode: decoder.int16(),
          highWatermark: decoder.int64(),
          lastStableOffset: decoder.int64(),
          logStartOffset: decoder.int64(),
          abortedTransactions: decoder.array(() => ({
            producerId: decoder.int64(),
            firstOffset: decoder.int64(),
          })),
        }
        decoder.int32()
        return { ...head, records: decoder.bytes() }
      })
    })
    return { errorCode, partitions: topics.flat() }
  },
}
