import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import { repartitionTopic } from '@millrace/runtime'
import { fedTopics, partitionsOf } from './topics.ts'

const pollMs = 200

export interface Progress {
  /** Records in the input topic, and how many of them are committed by the processors. */
  readonly written: number
  readonly committed: number
}

/** How far the group has come with what the fed topics hold. */
export function progressOf(cluster: Cluster, groupId: string): Promise<Progress> {
  return progressIn(cluster, groupId, fedTopics)
}

async function progressIn(
  cluster: Cluster,
  groupId: string,
  topics: readonly string[],
): Promise<Progress> {
  const partitions = topics.flatMap(partitionsOf)
  const ends = await cluster.listOffsets(partitions, 'latest', 'read_committed')
  const committed = await cluster.committedOffsets(groupId, partitions, { requireStable: false })
  const sum = (offsets: readonly { readonly offset: number }[]): number =>
    offsets.reduce((total, { offset }) => total + offset, 0)
  return { written: sum(ends), committed: sum(committed) }
}

/** Resolves when all that was written is committed; rejects when nothing can move any more. */
export async function waitUntilDone(
  cluster: Cluster,
  groupId: string,
  canMove: () => boolean,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  for (;;) {
    const progress = await progressOf(cluster, groupId)
    onProgress(progress)
    if (progress.committed >= progress.written) {
      const behind = await progressIn(cluster, groupId, [
        repartitionTopic(groupId, 'by-destination'),
      ])
      if (behind.committed >= behind.written) return
    }
    if (!canMove())
      throw new Error(
        `no processor is running, ${progress.written - progress.committed} records are not processed`,
      )
    await wait(pollMs)
  }
}
