import type { Decoder } from '../primitives/decoder.ts'
import type { Encoder } from '../primitives/encoder.ts'

/** One request of Kafka's protocol in one version: how its body is written and its answer read. */
export interface KafkaRequest<Request, Answer> {
  readonly apiKey: number
  readonly apiName: string
  readonly apiVersion: number
  /** Since this version headers and structures end in tagged fields (KIP-482). */
  readonly isFlexible: boolean
  encode(encoder: Encoder, request: Request): void
  decode(decoder: Decoder): Answer
}

/** The partitions of each topic, in the order of first occurrence: requests nest them. */
export function byTopic<T extends { readonly topic: string }>(
  entries: readonly T[],
): [string, T[]][] {
  const topics = new Map<string, T[]>()
  for (const entry of entries) {
    const partitions = topics.get(entry.topic)
    if (partitions === undefined) topics.set(entry.topic, [entry])
    else partitions.push(entry)
  }
  return [...topics]
}
