import type { KafkaRequest } from '../kafka-request.ts'

interface DescribeConfigsAnswer {
  readonly errorCode: number
  readonly configs: ReadonlyMap<string, string>
}

const topicResource = 2

/**
 * DescribeConfigs v1, for one topic and all its settings. Settings without a value (sensitive
 * ones) are left out.
 *
 *   request: resources [type int8 (2: topic) · name string · keys nullable [string]]
 *            includeSynonyms bool
 *   answer:  throttleTimeMs int32
 *            results [errorCode int16 · message nullable string · type int8 · name string
 *              configs [name string · value nullable string · readOnly bool · source int8
 *                isSensitive bool · synonyms [name string · value nullable string · source int8]]]
 */
export const describeConfigs: KafkaRequest<string, DescribeConfigsAnswer> = {
  apiKey: 32,
  apiName: 'DescribeConfigs',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, topic) {
    encoder.array([topic], (name) => {
      encoder
        .int8(topicResource)
        .string(name)
        .array(null, () => {})
    })
    encoder.boolean(false)
  },
  decode(decoder) {
    decoder.throttleTime()
    const results = decoder.array(() => {
      const errorCode = decoder.int16()
      decoder.nullableString()
      decoder.int8()
      decoder.string()
      const configs = new Map<string, string>()
      decoder.array(() => {
        const name = decoder.string()
        const value = decoder.nullableString()
        decoder.boolean()
        decoder.int8()
        decoder.boolean()
        decoder.array(() => [decoder.string(), decoder.nullableString(), decoder.int8()])
        if (value !== null) configs.set(name, value)
      })
      return { errorCode, configs }
    })
    return results[0] ?? { errorCode: 0, configs: new Map() }
  },
}
