import type { Cluster } from '@millrace/kafka'
import { noHeaders, partitionFor } from '@millrace/record'
import { airportRows } from './airports.ts'

/** The topics of the demo. Event times are of 2001: nothing may be deleted by its age. */
export const demoTopics = {
  input: 'flights',
  movements: 'movements',
  airports: 'airports',
  perQuarter: 'delays-15m',
  perHour: 'delays-1h',
  busyPeriods: 'busy-periods',
  arrivals: 'arrivals-1d',
  journeys: 'journeys',
  late: 'flights-late',
  lateArrivals: 'arrivals-late',
  deadLetters: 'flights-dead-letters',
} as const

export const inputPartitions = 4

/** What the feeder writes to while the processors run. */
export const fedTopics: readonly string[] = [demoTopics.input, demoTopics.movements]

/** Makes the topics, and fills the table of airports where it is empty. */
export async function createDemoTopics(cluster: Cluster): Promise<void> {
  const topics = Object.values(demoTopics)
  await cluster.admin.createTopics(
    topics.map((topic) => ({
      topic,
      partitionCount: inputPartitions,
      configs: { 'retention.ms': '-1' },
    })),
  )
  const ends = await cluster.listOffsets(
    partitionsOf(demoTopics.airports),
    'latest',
    'read_committed',
  )
  if (ends.every(({ offset }) => offset === 0)) await writeAirports(cluster)
}

export function partitionsOf(topic: string): { topic: string; partition: number }[] {
  return Array.from({ length: inputPartitions }, (_, partition) => ({ topic, partition }))
}

async function writeAirports(cluster: Cluster): Promise<void> {
  const producer = cluster.producer({})
  const atMs = Date.UTC(2001, 0, 1)
  for (const { code, ...airport } of airportRows()) {
    const key = Buffer.from(code)
    const value = Buffer.from(JSON.stringify(airport))
    const partition = partitionFor(key, inputPartitions)
    producer.append(demoTopics.airports, partition, key, value, atMs, noHeaders)
  }
  await producer.close()
}
