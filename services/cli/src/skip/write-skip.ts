import type { Cluster } from '@millrace/kafka'
import { encodeSkip, newSkipsTopic, type SkipRecord } from '@millrace/runtime'

/** Writes the audit record, or takes it back with a null value; the first one makes the topic. */
export async function writeSkip(
  cluster: Cluster,
  applicationId: string,
  skip: SkipRecord,
  { isUndo }: { readonly isUndo: boolean },
): Promise<void> {
  const newTopic = newSkipsTopic(applicationId)
  await cluster.admin.createTopics([newTopic])
  const { key, value } = encodeSkip(skip)
  const producer = cluster.producer({ deliveryTimeoutMs: 30_000 })
  try {
    // Who took it back, and why, stands in the headers: a null value says nothing.
    const headers = isUndo ? [['undo', value] as const] : []
    producer.append(newTopic.topic, 0, key, isUndo ? null : value, skip.atMs, headers)
    await producer.flush()
  } finally {
    await producer.close()
  }
}
