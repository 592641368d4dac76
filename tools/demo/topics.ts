import type { Cluster } from '@millrace/kafka'

/** The topics of the demo. Event times are of 2001: nothing may be deleted by its age. */
export const demoTopics = {
  input: 'flights',
  perQuarter: 'delays-15m',
  perHour: 'delays-1h',
  late: 'flights-late',
  deadLetters: 'flights-dead-letters',
} as const

export const inputPartitions = 4

export async function createDemoTopics(cluster: Cluster): Promise<void> {
  const topics = Object.values(demoTopics)
  await cluster.admin.createTopics(
    topics.map((topic) => ({
      topic,
      partitionCount: inputPartitions,
      configs: { 'retention.ms': '-1' },
    })),
  )
}
