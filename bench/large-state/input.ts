import { randomBytes } from 'node:crypto'
import type { Cluster } from '@millrace/kafka'
import { noHeaders } from '@millrace/record'

export interface RowsSpec {
  readonly topic: string
  readonly partitions: number
  /** Every row once, then a fifth of them, far apart, once more. */
  readonly rows: number
  readonly rowBytes: number
}

/** Records that `writeRows` writes. */
export function recordsOf({ rows }: RowsSpec): number {
  return rows + Math.floor(rows / 5)
}

const firstEventMs = Date.parse('2026-01-01T00:00:00Z')
/** Coprime to every count of rows that somebody types: the second time goes through them by leaps. */
const leap = 1_000_003

/** Values that do not compress away: cuts from one long random text. */
export async function writeRows(cluster: Cluster, spec: RowsSpec): Promise<void> {
  const { topic, partitions, rows, rowBytes } = spec
  const configs = { 'retention.ms': '-1' }
  await cluster.admin.createTopics([{ topic, partitionCount: partitions, configs }])
  const text = Buffer.from(randomBytes(16 << 20).toString('base64'))
  const producer = cluster.producer({})
  for (let id = 0; id < recordsOf(spec); id++) {
    const row = id < rows ? id : ((id - rows) * leap) % rows
    const at = (id * 7_919) % (text.length - rowBytes)
    const key = Buffer.from(`row-${String(row).padStart(9, '0')}`)
    const value = text.subarray(at, at + rowBytes)
    producer.append(topic, row % partitions, key, value, firstEventMs + id, noHeaders)
    if (id % 1_000 !== 0) continue
    if (producer.bufferedBytes() > 16 << 20) await producer.flush()
    else await new Promise((resolve) => setImmediate(resolve))
  }
  await producer.flush()
  await producer.close()
}
