import type { Cluster } from '@millrace/kafka'
import { noHeaders } from '@millrace/record'

export interface InputSpec {
  readonly topic: string
  /** Decides the keys and the disorder. Default 42. */
  readonly seed?: number
  readonly records: number
  readonly keys: number
  readonly partitions: number
}

/** Event time that passes between two records: 100,000 records are a minute, ten to each of 10,000 keys. */
const stepMs = 0.6
const firstEventMs = Date.parse('2026-01-01T00:00:00Z')
/** How far a record may lie behind the one before it: half the grace. */
const disorderMs = 30_000

/**
 * Writes the input once: values of about 100 bytes of JSON, keys drawn evenly, event time rising
 * over all partitions with a disorder of up to 30 s (the grace is a minute: nothing is late).
 */
export async function writeInput(
  cluster: Cluster,
  spec: InputSpec,
  onProgress: (written: number) => void,
): Promise<void> {
  await cluster.admin.createTopics([
    { topic: spec.topic, partitionCount: spec.partitions, configs: { 'retention.ms': '-1' } },
  ])
  const producer = cluster.producer({})
  const random = generator(spec.seed ?? 42)
  for (let id = 0; id < spec.records; id++) {
    const key = Math.floor(random() * spec.keys)
    const timestampMs = Math.floor(firstEventMs + id * stepMs - random() * disorderMs)
    producer.append(
      spec.topic,
      key % spec.partitions,
      keyBytes(key),
      valueBytes(id, key, timestampMs),
      timestampMs,
      noHeaders,
    )
    if (id % 20_000 === 19_999) {
      onProgress(id + 1)
      if (producer.bufferedBytes() > 16 << 20) await producer.flush()
      else await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await producer.flush()
  await producer.close()
}

/** Writes a row for each key, older than everything in the input. */
export async function writeTable(
  cluster: Cluster,
  { topic, keys, partitions }: Omit<InputSpec, 'records'>,
): Promise<void> {
  await cluster.admin.createTopics([
    { topic, partitionCount: partitions, configs: { 'retention.ms': '-1' } },
  ])
  const producer = cluster.producer({})
  for (let key = 0; key < keys; key++) {
    const row = Buffer.from(`name of user ${key}, since ${2000 + (key % 25)}`)
    producer.append(
      topic,
      key % partitions,
      keyBytes(key),
      row,
      firstEventMs - 3_600_000,
      noHeaders,
    )
  }
  await producer.flush()
  await producer.close()
}

function keyBytes(key: number): Buffer {
  return Buffer.from(`user-${String(key).padStart(6, '0')}`)
}

function valueBytes(id: number, key: number, timestampMs: number): Buffer {
  return Buffer.from(
    `{"id":${id},"user":"user-${key}","amount":${(id % 10_000) / 100},"city":"city-${id % 97}","at":${timestampMs}}`,
  )
}

/** A small seeded generator (mulberry32): the input is the same in every run. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
