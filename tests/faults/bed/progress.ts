import type { PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { type Application, partitions } from './application.ts'

const repartition = 'by-item-repartition'

/** What every task of the application reads: input and repartition, five partitions each. */
export function sourcesOf(app: Application): readonly TopicPartition[] {
  return ['in', repartition].flatMap((name) =>
    Array.from({ length: partitions }, (_, partition) => ({
      topic: app.scene.topic(name),
      partition,
    })),
  )
}

/**
 * Waits until every task has committed something more, and resolves to the milliseconds since
 * `struckAtMs`. The feeder must be running. Each partition is asked for by itself: one whose offset
 * is in an undecided transaction makes its reader wait.
 */
export async function firstCommits(app: Application, struckAtMs: number): Promise<number> {
  const moved = await Promise.all(
    sourcesOf(app).map(async (source) => {
      const before = await committedOffset(app, source)
      await app.scene.until(`a commit in ${source.topic}-${source.partition}`, async () => {
        return (await committedOffset(app, source)) > before
      })
      return performance.now() - struckAtMs
    }),
  )
  return Math.max(...moved)
}

async function committedOffset(app: Application, source: TopicPartition): Promise<number> {
  const { cluster, name } = app.scene
  const [found] = await cluster.committedOffsets(name, [source], { requireStable: true })
  return found?.offset ?? 0
}

/** Waits until the group has read everything: the input, and then what became of it. */
export async function drained(app: Application): Promise<void> {
  const { scene } = app
  for (const name of ['in', repartition]) {
    const topic = scene.topic(name)
    const sources = sourcesOf(app).filter((source) => source.topic === topic)
    await scene.until(`the group has read ${name} to its end`, async () => {
      // The log's end: the stable one lags where a marker is not written yet in this partition.
      const ends = await scene.cluster.listOffsets(sources, 'latest', 'read_uncommitted')
      const committed = await Promise.all(sources.map((source) => committedOffset(app, source)))
      return ends.every(({ partition, offset }) => (committed[partition] ?? 0) >= offset)
    })
  }
}

/** Waits until no transaction is open in these topics. */
export async function decided(app: Application, names: readonly string[]): Promise<void> {
  const { scene } = app
  const all = names.flatMap((name) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: scene.topic(name), partition })),
  )
  await scene.until('all transactions are decided', async () => {
    const stable = await scene.cluster.listOffsets(all, 'latest', 'read_committed')
    const ends = await scene.cluster.listOffsets(all, 'latest', 'read_uncommitted')
    return ends.every((end) => offsetIn(stable, end) >= end.offset)
  })
}

function offsetIn(offsets: readonly PartitionOffset[], of: TopicPartition): number {
  const found = offsets.find((each) => each.topic === of.topic && each.partition === of.partition)
  return found?.offset ?? 0
}
