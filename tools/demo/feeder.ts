import type { Cluster } from '@millrace/kafka'
import { noHeaders, partitionFor } from '@millrace/record'
import type { DemoMessage } from './messages.ts'
import { inputPartitions } from './topics.ts'

export interface FeederOptions {
  readonly messages: readonly DemoMessage[]
  /** How many hours of event time pass in a second; Infinity: as fast as the broker takes them. */
  readonly hoursPerSecond: number
  readonly onProgress: (sent: number) => void
  /** Ends the feed early. */
  readonly signal: AbortSignal
}

const tickMs = 100
const batchRecords = 1_000

/** Writes the records in their order, at a stated speed. */
export async function feed(cluster: Cluster, options: FeederOptions): Promise<void> {
  const { messages, hoursPerSecond, onProgress, signal } = options
  const producer = cluster.producer({})
  const startedAtMs = performance.now()
  const firstSentMs = messages[0]?.sentMs ?? 0
  let sent = 0
  while (sent < messages.length && !signal.aborted) {
    const elapsedMs = performance.now() - startedAtMs
    const nowMs = firstSentMs + elapsedMs * 3_600 * hoursPerSecond
    const bound = sent + batchRecords
    while (sent < Math.min(bound, messages.length) && (messages[sent]?.sentMs ?? 0) <= nowMs) {
      const { topic, key, value, timestampMs } = messages[sent] as DemoMessage
      const keyBytes = Buffer.from(key)
      const partition = partitionFor(keyBytes, inputPartitions)
      producer.append(topic, partition, keyBytes, Buffer.from(value), timestampMs, noHeaders)
      sent += 1
    }
    await producer.flush()
    onProgress(sent)
    if (Number.isFinite(hoursPerSecond)) await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  await producer.close()
}
