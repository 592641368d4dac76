import type { Transport } from '@millrace/kafka'
import { CommittedFilter } from './committed-filter.ts'
import { type LogRecord, parseBatches } from './record-batches.ts'

export interface ReadPartition {
  /** Committed records in order. */
  readonly records: readonly LogRecord[]
  readonly aborted: number
  readonly undecided: number
}

const latest = -1
const earliest = -2

/** Reads every partition of a topic to the end it has now, through raw fetches. */
export async function readLog(transport: Transport, topic: string): Promise<ReadPartition[]> {
  const { topics } = await transport.metadata([topic])
  const partitions = topics[0]?.partitions ?? []
  const ordered = partitions.toSorted((a, b) => a.partition - b.partition)
  const read: ReadPartition[] = []
  for (const { partition, leaderId } of ordered) {
    read.push(await readPartition(transport, leaderId, topic, partition))
  }
  return read
}

async function readPartition(
  transport: Transport,
  nodeId: number,
  topic: string,
  partition: number,
): Promise<ReadPartition> {
  const offsetAt = async (timestampMs: number): Promise<number> => {
    const partitions = [{ topic, partition, timestampMs }]
    const [answer] = await transport.listOffsets(nodeId, {
      isolation: 'read_uncommitted',
      partitions,
    })
    if (answer === undefined || answer.errorCode !== 0) throw new Error(`no offset of ${topic}`)
    return answer.offset
  }
  const filter = new CommittedFilter()
  const end = await offsetAt(latest)
  let offset = await offsetAt(earliest)
  while (offset < end) {
    const { partitions } = await transport.fetch(nodeId, {
      isolation: 'read_uncommitted',
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 8 << 20,
      partitions: [{ topic, partition, offset, maxBytes: 8 << 20 }],
    })
    const answer = partitions[0]
    if (answer === undefined || answer.errorCode !== 0) throw new Error(`no answer for ${topic}`)
    for (const batch of parseBatches(answer.records)) {
      if (batch.lastOffset < offset) continue
      filter.add(batch)
      offset = batch.lastOffset + 1
    }
  }
  return { records: filter.committed(), aborted: filter.aborted, undecided: filter.undecided }
}
