import { BatchCursor, type Cluster } from '@millrace/kafka'
import type { Headers, TopicPartition } from '@millrace/record'
import type { Topology } from '@millrace/topology'

/** A record of a source topic, as it lies there. */
export interface PastRecord {
  readonly topic: string
  readonly partition: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

export interface History {
  /** Of each partition its records in their order; partitions merged by time. */
  readonly records: readonly PastRecord[]
  readonly partitionCounts: { readonly [topic: string]: number }
  /** Partitions whose first records are younger than what was asked for. */
  readonly begunLater: readonly TopicPartition[]
}

export interface HistoryRange {
  readonly fromMs: number
  /** Undefined: to the end as it is now. */
  readonly toMs: number | undefined
  readonly recordsMax: number
}

const isolation = 'read_committed'

/** Reads what a topology's sources held in a time; of tables all from their begin. Writes nothing. */
export async function readHistory(
  cluster: Cluster,
  topology: Topology,
  range: HistoryRange,
): Promise<History> {
  const { streams, tables } = topicsOf(topology)
  const found = await cluster.metadata([...streams, ...tables])
  const missing = [...streams, ...tables].filter((topic) => !found.has(topic))
  if (missing.length > 0) throw new Error(`There is no topic ${missing.join(', ')}.`)
  const partitionsOf = (topics: readonly string[]): TopicPartition[] =>
    topics.flatMap((topic) => {
      const { partitionCount = 0 } = found.get(topic) ?? {}
      return Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }))
    })
  const [streamParts, tableParts] = [partitionsOf(streams), partitionsOf(tables)]
  const all = [...streamParts, ...tableParts]
  const from = { timestampMs: range.fromMs }
  const starts = [
    ...(streamParts.length > 0 ? await cluster.listOffsets(streamParts, from, isolation) : []),
    ...(tableParts.length > 0 ? await cluster.listOffsets(tableParts, 'earliest', isolation) : []),
  ]
  const to = range.toMs === undefined ? 'latest' : { timestampMs: range.toMs }
  const ends = new Map(
    (await cluster.listOffsets(all, to, isolation)).map((end) => [partKey(end), end.offset]),
  )
  const stretches = starts.map((start) => ({ ...start, endOffset: ends.get(partKey(start)) ?? 0 }))
  const count = stretches.reduce((sum, it) => sum + Math.max(0, it.endOffset - it.offset), 0)
  if (count > range.recordsMax) throw tooMany(count, range.recordsMax)
  const byPartition = await readAll(cluster, stretches)
  const firsts = await cluster.listOffsets(all, 'earliest', isolation)
  const earliest = new Map(firsts.map((first) => [partKey(first), first.offset]))
  const isTable = new Set(tables)
  return {
    records: merged([...byPartition.values()]),
    partitionCounts: Object.fromEntries(
      [...found].map(([topic, it]) => [topic, it.partitionCount]),
    ),
    begunLater: stretches
      .filter(
        (it) => !isTable.has(it.topic) && it.offset === earliest.get(partKey(it)) && it.offset > 0,
      )
      .map(({ topic, partition }) => ({ topic, partition })),
  }
}

function topicsOf(topology: Topology): {
  readonly streams: readonly string[]
  readonly tables: readonly string[]
} {
  const tables = new Set([...topology.globalTables.values()].map(({ topic }) => topic))
  const streams = new Set<string>()
  for (const node of topology.nodes.values()) {
    if (node.kind !== 'source' || node.isRepartition) continue
    const isTable = node.children.some((child) => {
      const below = topology.nodes.get(child)
      return below?.kind === 'processor' && below.operator === 'table'
    })
    ;(isTable ? tables : streams).add(node.topic)
  }
  return { streams: [...streams], tables: [...tables] }
}

interface Stretch extends TopicPartition {
  readonly offset: number
  readonly endOffset: number
}

async function readAll(
  cluster: Cluster,
  stretches: readonly Stretch[],
): Promise<ReadonlyMap<string, readonly PastRecord[]>> {
  const records = new Map(stretches.map((it) => [partKey(it), [] as PastRecord[]]))
  const open = new Map(
    stretches.filter((it) => it.offset < it.endOffset).map((it) => [partKey(it), it]),
  )
  const fetcher = cluster.fetcher({ isolation })
  const cursor = new BatchCursor()
  try {
    fetcher.assign(stretches.filter((it) => open.has(partKey(it))))
    while (open.size > 0) {
      for (const { topic, partition, batches, nextOffset } of await fetcher.poll(500)) {
        const key = partKey({ topic, partition })
        const stretch = open.get(key)
        if (stretch === undefined) continue
        for (const batch of batches) {
          cursor.load(batch)
          // A batch comes whole, where the stretch begins or ends within it too.
          while (cursor.next()) {
            const { offset } = cursor
            if (offset < stretch.offset || offset >= stretch.endOffset) continue
            records.get(key)?.push(taken(cursor, { topic, partition }))
          }
        }
        if (nextOffset >= stretch.endOffset) open.delete(key)
      }
    }
  } finally {
    await fetcher.close()
  }
  return records
}

function taken(cursor: BatchCursor, { topic, partition }: TopicPartition): PastRecord {
  const headers = cursor.headers().map(([name, value]) => [name, copy(value)] as const)
  const { timestampMs } = cursor
  return {
    topic,
    partition,
    timestampMs,
    key: copy(cursor.key()),
    value: copy(cursor.value()),
    headers,
  }
}

function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}

/** Always the head with the least timestamp next, as a task takes its partitions. */
function merged(partitions: readonly (readonly PastRecord[])[]): readonly PastRecord[] {
  const heads = partitions.map(() => 0)
  const records: PastRecord[] = []
  for (;;) {
    let least = -1
    let leastMs = Number.POSITIVE_INFINITY
    for (const [at, partition] of partitions.entries()) {
      const head = partition[heads[at] ?? 0]
      if (head !== undefined && head.timestampMs < leastMs)
        [least, leastMs] = [at, head.timestampMs]
    }
    const record = partitions[least]?.[heads[least] ?? 0]
    if (record === undefined) return records
    records.push(record)
    heads[least] = (heads[least] ?? 0) + 1
  }
}

function partKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function tooMany(count: number, max: number): Error {
  const remedy = 'Take a shorter time, or raise --max-records: they are held in memory.'
  return new Error(`This history has ${count} records, and ${max} are held at most. ${remedy}`)
}
