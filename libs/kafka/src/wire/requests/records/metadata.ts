import type { MetadataAnswer } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * Metadata v8. Never creates topics; asks what this client may do with those that are named (KIP-430).
 *
 *   request: topics [string] (null: all) · allowAutoTopicCreation bool
 *            includeClusterOperations bool · includeTopicOperations bool
 *   answer:  throttleTimeMs int32
 *            brokers [nodeId int32 · host string · port int32 · rack nullable string]
 *            clusterId nullable string · controllerId int32
 *            topics [errorCode int16 · name string · isInternal bool
 *              partitions [errorCode int16 · partition int32 · leaderId int32 · leaderEpoch int32
 *                replicas [int32] · inSyncReplicas [int32] · offlineReplicas [int32]]
 *              operations int32 (a bit for each)] · clusterOperations int32
 */
export const metadata: KafkaRequest<readonly string[] | null, MetadataAnswer> = {
  apiKey: 3,
  apiName: 'Metadata',
  apiVersion: 8,
  isFlexible: false,
  encode(encoder, topics) {
    encoder.array(topics, (topic) => encoder.string(topic)).boolean(false)
    encoder.boolean(false).boolean(topics !== null)
  },
  decode(decoder) {
    decoder.throttleTime()
    const brokers = decoder.array(() => {
      const broker = { nodeId: decoder.int32(), host: decoder.string(), port: decoder.int32() }
      decoder.nullableString()
      return broker
    })
    decoder.nullableString()
    const controllerId = decoder.int32()
    const topics = decoder.array(() => {
      const errorCode = decoder.int16()
      const topic = decoder.string()
      decoder.boolean()
      const partitions = decoder.array(() => {
        const partition = {
          errorCode: decoder.int16(),
          partition: decoder.int32(),
          leaderId: decoder.int32(),
          leaderEpoch: decoder.int32(),
          replicas: decoder.array(() => decoder.int32()),
        }
        decoder.array(() => decoder.int32())
        decoder.array(() => decoder.int32())
        return partition
      })
      return { topic, errorCode, partitions, operations: decoder.int32() }
    })
    decoder.int32()
    return { controllerId, brokers, topics }
  },
}
