import type { Header, Headers, Record } from '@millrace/record'
import type { LateRecord } from '@millrace/topology'
import type { RecordQueue } from '../task/record-queue.ts'

/** Where the record that the task was processing came from. */
export interface SourceOfRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** Where the record came from that the queue gave out last. */
export function sourceOf(queue: RecordQueue | null): SourceOfRecord {
  const { topic, partition } = queue?.source ?? { topic: '', partition: -1 }
  return { topic, partition, offset: queue?.taken.offset ?? -1 }
}

/** What closed the window: the records before, or the silence between them. */
export type LateReason = 'stream-time' | 'idle-advance'

/** The original headers, then which window was missed, by how much, and where the record lies. */
export function lateHeaders(
  { headers, timestampMs }: Record<unknown, unknown>,
  operator: string,
  late: LateRecord,
  reason: LateReason,
  source: SourceOfRecord,
): Headers {
  return [
    ...headers,
    text('millrace.late.operator', operator),
    text('millrace.late.reason', reason),
    text('millrace.late.window-start', late.window.startMs),
    text('millrace.late.window-end', late.window.endMs),
    text('millrace.late.closed-at', late.closesAtMs),
    text('millrace.late.stream-time', late.streamTimeMs),
    text('millrace.late.lateness-ms', late.streamTimeMs - timestampMs),
    text('millrace.late.topic', source.topic),
    text('millrace.late.partition', source.partition),
    text('millrace.late.offset', source.offset),
  ]
}

function text(name: string, value: string | number): Header {
  return [name, Buffer.from(String(value))]
}
