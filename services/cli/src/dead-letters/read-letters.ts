import type { Cluster } from '@millrace/kafka'
import { readPartition } from '@millrace/runtime'
import { type Letter, letterOf } from './letter.ts'

export interface LetterFilter {
  readonly code?: string | undefined
  /** Of the source. */
  readonly topic?: string | undefined
  readonly plan?: string | undefined
  /** Identities; undefined: all. */
  readonly only?: ReadonlySet<string> | undefined
}

/** What lies in the dead-letter topic, by partition in offset order; the last `lettersMax` of each. */
export async function readLetters(
  cluster: Cluster,
  topic: string,
  lettersMax: number,
): Promise<readonly Letter[]> {
  const found = (await cluster.metadata([topic])).get(topic)
  if (found === undefined) throw new Error(`There is no topic ${topic}.`)
  const letters: Letter[] = []
  for (let partition = 0; partition < found.partitionCount; partition++) {
    await readPartition(cluster, { topic, partition }, lettersMax, (cursor) => {
      const headers = cursor.headers().map(([name, value]) => [name, copy(value)] as const)
      const { offset, timestampMs } = cursor
      const record = { timestampMs, key: copy(cursor.key()), value: copy(cursor.value()), headers }
      letters.push(letterOf({ topic, partition, offset }, record))
    })
  }
  return letters
}

export function matches({ code, source, plan }: Letter, filter: LetterFilter): boolean {
  if (filter.code !== undefined && filter.code !== code) return false
  if (filter.topic !== undefined && filter.topic !== source?.topic) return false
  return filter.plan === undefined || plan.startsWith(filter.plan)
}

function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
