import type { CommittedOffset } from '@millrace/kafka'
import { partitionKey } from '../assignment/task-definition.ts'

/**
 * The partition time of a source that a task without state reads, for its extractor: it stands
 * beside the committed offset, as in Kafka Streams (KIP-530). Tasks with state keep it there.
 */
export function partitionTimeNote(partitionTimeMs: number): string | undefined {
  return partitionTimeMs < 0 ? undefined : JSON.stringify({ version: 1, partitionTimeMs })
}

/** By `partitionKey`. What others have noted beside their offsets tells nothing. */
export function partitionTimesOf(committed: readonly CommittedOffset[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const { metadata, ...at } of committed) {
    const timeMs = metadata === undefined ? null : readNote(metadata)
    if (timeMs !== null) times.set(partitionKey(at), timeMs)
  }
  return times
}

function readNote(text: string): number | null {
  try {
    const { version, partitionTimeMs } = JSON.parse(text) as { [name: string]: unknown }
    return version === 1 && Number.isSafeInteger(partitionTimeMs)
      ? (partitionTimeMs as number)
      : null
  } catch {
    return null
  }
}
