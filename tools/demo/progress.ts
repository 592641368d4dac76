import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import { demoTopics, inputPartitions } from './topics.ts'

const pollMs = 200

export interface Progress {
  /** Records in the input topic, and how many of them are committed by the processors. */
  readonly written: number
  readonly committed: number
}

/** How far the group has come with what the topic holds. */
export async function progressOf(cluster: Cluster, groupId: string): Promise<Progress> {
  const partitions = Array.from({ length: inputPartitions }, (_, partition) => ({
    topic: demoTopics.input,
    partition,
  }))
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
    if (progress.committed >= progress.written) return
    if (!canMove())
      throw new Error(
        `no processor is running, ${progress.written - progress.committed} records are not processed`,
      )
    await wait(pollMs)
  }
}
