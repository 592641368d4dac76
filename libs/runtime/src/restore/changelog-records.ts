import { BatchCursor, type FetchedPartition } from '@millrace/kafka'
import type { RestoredRecord } from '@millrace/store'

/** The records of one answer, in order, without those before the position that was asked for. */
export function* changelogRecords(fetched: FetchedPartition): Generator<RestoredRecord> {
  const cursor = new BatchCursor()
  for (const batch of fetched.batches) {
    cursor.load(batch)
    while (cursor.next()) {
      if (cursor.offset < fetched.offset) continue
      yield {
        offset: cursor.offset,
        key: cursor.key(),
        value: cursor.value(),
        headers: cursor.headers(),
      }
    }
  }
}
