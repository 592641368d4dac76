import type { ErrorCode, RecordPosition } from '@millrace/errors'
import { type Header, type Headers, headerText } from '@millrace/record'

export interface DeadLetter {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  /** Wall clock at the failure. */
  readonly failedAtMs: number
  readonly code: ErrorCode
  readonly message: string
  /** The task, as `0_3`. */
  readonly task: string
  /** Fingerprint of the plan. */
  readonly plan: string
}

/**
 * The original headers, then what went wrong. The names under `__streams.errors.` are those of
 * Kafka Streams (KIP-1034), so that its tools read our dead letters; the rest is ours. There is no
 * stack trace: it can hold payload.
 */
export function deadLetterHeaders(original: Headers, letter: DeadLetter): Headers {
  return [
    ...original,
    text('__streams.errors.exception', letter.code),
    text('__streams.errors.message', letter.message),
    text('__streams.errors.topic', letter.topic),
    text('__streams.errors.partition', String(letter.partition)),
    text('__streams.errors.offset', String(letter.offset)),
    text('millrace.dlq.code', letter.code),
    text('millrace.dlq.timestamp', String(letter.timestampMs)),
    text('millrace.dlq.failed-at', String(letter.failedAtMs)),
    text('millrace.dlq.task', letter.task),
    text('millrace.dlq.plan', letter.plan),
  ]
}

/** The same for a result that time let go: in place of where it lies, the operator that it is of. */
export function resultLetterHeaders(
  original: Headers,
  letter: Omit<DeadLetter, 'topic' | 'partition' | 'offset'> & { readonly operator: string },
): Headers {
  return [
    ...original,
    text('__streams.errors.exception', letter.code),
    text('__streams.errors.message', letter.message),
    text('millrace.dlq.code', letter.code),
    text('millrace.dlq.operator', letter.operator),
    text('millrace.dlq.timestamp', String(letter.timestampMs)),
    text('millrace.dlq.failed-at', String(letter.failedAtMs)),
    text('millrace.dlq.task', letter.task),
    text('millrace.dlq.plan', letter.plan),
  ]
}

function text(name: string, value: string): Header {
  return [name, Buffer.from(value)]
}

/**
 * What a letter is known by: the position of the record that failed, as `topic:partition:offset`; of the
 * letter itself where it is of a result.
 */
export function letterPosition(headers: Headers, at: RecordPosition): string {
  const part = (name: string): string | undefined => headerText(headers, `__streams.errors.${name}`)
  const topic = part('topic')
  if (topic === undefined) return `${at.topic}:${at.partition}:${at.offset}`
  return `${topic}:${part('partition') ?? ''}:${part('offset') ?? ''}`
}
