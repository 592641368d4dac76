import type { Cluster } from '@millrace/kafka'
import { noHeaders, partitionFor } from '@millrace/record'
import type { FlightMessage } from './flights.ts'
import { demoTopics, inputPartitions } from './topics.ts'

export interface FeederOptions {
  readonly messages: readonly FlightMessage[]
  /** How many hours of event time pass in a second; Infinity: as fast as the broker takes them. */
  readonly hoursPerSecond: number
  readonly onProgress: (sent: number) => void
  /** Ends the feed early. */
  readonly signal: AbortSignal
}

const tickMs = 100
const batchRecords = 1_000

/** Writes the flights in the order of their landing, keyed by origin, at a stated speed. */
export async function feed(cluster: Cluster, options: FeederOptions): Promise<void> {
  const { messages, hoursPerSecond, onProgress, signal } = options
  const producer = cluster.producer({})
  const startedAtMs = performance.now()
  const firstLandingMs = messages[0]?.landingMs ?? 0
  let sent = 0
  while (sent < messages.length && !signal.aborted) {
    const elapsedMs = performance.now() - startedAtMs
    const landedMs = firstLandingMs + elapsedMs * 3_600 * hoursPerSecond
    const bound = sent + batchRecords
    while (
      sent < Math.min(bound, messages.length) &&
      (messages[sent]?.landingMs ?? 0) <= landedMs
    ) {
      const { key, value, timestampMs } = messages[sent] as FlightMessage
      const keyBytes = Buffer.from(key)
      const partition = partitionFor(keyBytes, inputPartitions)
      producer.append(
        demoTopics.input,
        partition,
        keyBytes,
        Buffer.from(value),
        timestampMs,
        noHeaders,
      )
      sent += 1
    }
    await producer.flush()
    onProgress(sent)
    if (Number.isFinite(hoursPerSecond)) await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  await producer.close()
}
