import type { Cluster, PartitionOffset } from '@millrace/kafka'
import type { Settlement } from './ledger.ts'
import { identityOf, type Letter } from './letter.ts'

/** Up to where each partition of the dead-letter topic holds only letters that are settled. */
export function settledThrough(
  letters: readonly Letter[],
  settled: ReadonlyMap<string, Settlement>,
): readonly PartitionOffset[] {
  const through = new Map<number, { readonly offset: PartitionOffset; readonly isOver: boolean }>()
  for (const letter of letters) {
    const { topic, partition, offset } = letter.at
    const before = through.get(partition)
    if (before?.isOver) continue
    const isSettled = settled.has(identityOf(letter))
    const last = isSettled ? offset + 1 : offset
    through.set(partition, { offset: { topic, partition, offset: last }, isOver: !isSettled })
  }
  return [...through.values()].map(({ offset }) => offset)
}

/** Deletes what is settled, for good. */
export async function deleteSettled(
  cluster: Cluster,
  through: readonly PartitionOffset[],
): Promise<void> {
  if (through.length > 0) await cluster.admin.deleteRecords(through)
}
