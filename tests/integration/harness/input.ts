import type { Cluster } from '@millrace/kafka'
import type { Headers } from '@millrace/record'

/** A record that a test writes, bytes or text. */
export interface RawInput {
  readonly partition: number
  readonly key: string | Buffer | null
  readonly value?: string | Buffer
  readonly timestampMs: number
  readonly headers?: Headers
}

export interface Input extends RawInput {
  readonly key: string | null
}

/** Writes the records in their order and waits until they are acknowledged. */
export async function produce(
  cluster: Cluster,
  topic: string,
  inputs: readonly RawInput[],
): Promise<void> {
  const producer = cluster.producer({ recordMaxBytes: 8_000_000 })
  try {
    for (const { partition, key, value = key ?? '', timestampMs, headers = [] } of inputs) {
      const bytes = key === null ? null : bytesOf(key)
      producer.append(topic, partition, bytes, bytesOf(value), timestampMs, headers)
    }
    await producer.flush()
  } finally {
    await producer.close()
  }
}

function bytesOf(content: string | Buffer): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : content
}

/** A full hour, a day ago: recent enough for every broker, and never ahead of its clock. */
export const baseMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 86_400_000

export interface Spread {
  readonly partitions: number
  readonly from: number
  readonly to: number
  /** Keys of each partition. Default 4. */
  readonly keys?: number
  /** Event time between two records of a partition. Default 250. */
  readonly stepMs?: number
}

/**
 * Records number `from` to `to` of every partition, each partition with keys of its own, partly out
 * of order: every seventh record is three seconds early, every fiftieth a minute, and so late.
 */
export function spread({ partitions, from, to, keys = 4, stepMs = 250 }: Spread): Input[] {
  const inputs: Input[] = []
  for (let n = from; n < to; n++) {
    for (let partition = 0; partition < partitions; partition++) {
      const early = n % 50 === 49 ? 60_000 : n % 7 === 6 ? 3_000 : 0
      inputs.push({
        partition,
        key: `p${partition}k${n % keys}`,
        timestampMs: baseMs + Math.max(0, n * stepMs - early),
      })
    }
  }
  return inputs
}
