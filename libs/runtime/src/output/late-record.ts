import type { Header, Headers } from '@millrace/record'
import type { LateRecord } from '@millrace/topology'

/** Where the record that the task was processing came from. */
export interface SourceOfRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** The original headers, then which window was missed, by how much, and where the record lies. */
export function lateHeaders(
  original: Headers,
  operator: string,
  late: LateRecord,
  timestampMs: number,
  source: SourceOfRecord,
): Headers {
  return [
    ...original,
    text('millrace.late.operator', operator),
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
