import type { TopicPartition } from '@millrace/record'
import type { Isolation } from '../../ports/cluster.ts'
import type { FetchedPartition } from '../../ports/fetcher.ts'
import type { FetchPartitionAnswer } from '../../ports/transport.ts'
import { decompressBatch } from '../../wire/compression.ts'
import type { RecordBatch } from '../../wire/record-batch.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { AbortFilter } from './abort-filter.ts'

/** An answer for one partition as it is kept until it is polled: located, not decompressed, not filtered. */
export interface FetchedAnswer {
  readonly answer: FetchPartitionAnswer
  /** Complete batches of every kind, in order. */
  readonly batches: readonly RecordBatch[]
  readonly offset: number
  readonly nextOffset: number
  readonly sizeBytes: number
}

/**
 * Locates the batches of an answer and computes where to read next: after the last batch's
 * `lastOffset`, which also steps over compacted tails, empty batches and markers.
 */
export function locate(
  answer: FetchPartitionAnswer,
  offset: number,
  verifyCrc: boolean,
): FetchedAnswer {
  const at: TopicPartition = { topic: answer.topic, partition: answer.partition }
  const batches = parseRecordBatches(answer.records, 0, answer.records.length, { verifyCrc, at })
  const lastOffset = batches.length === 0 ? offset - 1 : batches[batches.length - 1]!.lastOffset
  return {
    answer,
    batches,
    offset,
    nextOffset: Math.max(offset, lastOffset + 1),
    sizeBytes: answer.records.length,
  }
}

/** What is polled of it: aborted and control batches left out, the rest decompressed. */
export function deliver(fetched: FetchedAnswer, isolation: Isolation): FetchedPartition {
  const { answer, offset, nextOffset, sizeBytes } = fetched
  const { topic, partition, highWatermark, lastStableOffset, logStartOffset } = answer
  const filter = isolation === 'read_committed' ? new AbortFilter(answer.abortedTransactions) : null
  const batches: RecordBatch[] = []
  for (const batch of fetched.batches) {
    if (filter?.isAborted(batch) || batch.isControl || batch.recordCount === 0) continue
    if (batch.lastOffset < offset) continue
    batches.push(decompressBatch(batch, { at: answer }))
  }
  return {
    topic,
    partition,
    batches,
    offset,
    nextOffset,
    highWatermark,
    lastStableOffset,
    logStartOffset,
    sizeBytes,
  }
}
