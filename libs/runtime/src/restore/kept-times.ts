import type { CommittedOffset } from '@millrace/kafka'
import { partitionKey } from '../assignment/task-definition.ts'
import type { RecordQueue } from '../task/record-queue.ts'

/**
 * The partition time of a source that a task without state reads, for its extractor: it stands
 * beside the committed offset, as in Kafka Streams (KIP-530). Tasks with state keep it there. With an
 * idle advance, also whether the source was live.
 */
function sourceNote({ partitionTimeMs, isLive }: SourceNote): string | undefined {
  if (partitionTimeMs < 0) return undefined
  const live = isLive === null ? {} : { isLive }
  return JSON.stringify({ version: 1, partitionTimeMs, ...live })
}

/** Where to read on in a source, with what is noted beside it. */
export function notedOffset(queue: RecordQueue, hasState: boolean): CommittedOffset {
  const { timestamp, idle } = queue.node
  const isNoted = idle !== undefined || (!hasState && timestamp !== undefined)
  const metadata = isNoted ? sourceNote(queue) : undefined
  return { ...queue.source, offset: queue.position, metadata }
}

/** What is noted of a source beside its offset. */
export interface SourceNote {
  readonly partitionTimeMs: number
  /** See `RecordQueue.isLive`: of sources with an idle advance. */
  readonly isLive: boolean | null
}

/** By `partitionKey`. What others have noted beside their offsets tells nothing. */
export function sourceNotesOf(committed: readonly CommittedOffset[]): Map<string, SourceNote> {
  const notes = new Map<string, SourceNote>()
  for (const { metadata, ...at } of committed) {
    const note = metadata === undefined ? null : readNote(metadata)
    if (note !== null) notes.set(partitionKey(at), note)
  }
  return notes
}

function readNote(text: string): SourceNote | null {
  try {
    const { version, partitionTimeMs, isLive } = JSON.parse(text) as { [name: string]: unknown }
    if (version !== 1 || !Number.isSafeInteger(partitionTimeMs)) return null
    const live = typeof isLive === 'boolean' ? isLive : null
    return { partitionTimeMs: partitionTimeMs as number, isLive: live }
  } catch {
    return null
  }
}
