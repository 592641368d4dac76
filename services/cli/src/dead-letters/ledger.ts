import type { Cluster, NewTopic } from '@millrace/kafka'
import { readLatest, settledLettersTopic } from '@millrace/runtime'

/** What became of a letter. */
export interface Settlement {
  readonly as: 'redriven' | 'dropped'
  readonly by: string
  readonly reason: string
  readonly atMs: number
}

/** `<app>-dlq-settled`: what became of each letter, by its identity; compacted, made by the first settlement. */
export function ledgerTopic(applicationId: string): NewTopic {
  return {
    topic: settledLettersTopic(applicationId),
    partitionCount: 1,
    configs: { 'cleanup.policy': 'compact' },
  }
}

export async function readLedger(
  cluster: Cluster,
  applicationId: string,
): Promise<ReadonlyMap<string, Settlement>> {
  const latest = await readLatest(cluster, ledgerTopic(applicationId).topic)
  return new Map(
    [...latest].map(([identity, value]) => [identity, JSON.parse(value.toString()) as Settlement]),
  )
}
