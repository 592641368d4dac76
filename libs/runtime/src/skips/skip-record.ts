import { MillraceError, type RecordPosition } from '@millrace/errors'
import type { NewTopic } from '@millrace/kafka'
import { skipsTopic } from '../internal-topics/topic-names.ts'

/** An operator's word that one record is to be passed over, and why: the audit record. */
export interface SkipRecord extends RecordPosition {
  readonly reason: string
  /** Who asked for it. */
  readonly by: string
  readonly atMs: number
}

/** Made by the first skip. Compacted: one record for each position, kept for as long as the topic. */
export function newSkipsTopic(applicationId: string): NewTopic {
  return {
    topic: skipsTopic(applicationId),
    partitionCount: 1,
    configs: { 'cleanup.policy': 'compact' },
  }
}

/** The key names the position, the value says the rest, as JSON; a null value takes it back. */
export function encodeSkip(skip: SkipRecord): { readonly key: Buffer; readonly value: Buffer } {
  const { topic, partition, offset } = skip
  return {
    key: Buffer.from(`${topic}:${partition}:${offset}`),
    value: Buffer.from(JSON.stringify({ version: 1, ...skip })),
  }
}

/** Throws `MILLRACE_RUNTIME_SKIPS_INVALID` for what none of ours wrote. */
export function decodeSkip(value: Buffer): SkipRecord {
  let parsed: Partial<SkipRecord & { version: number }>
  try {
    parsed = JSON.parse(value.toString('utf8')) as typeof parsed
  } catch (cause) {
    throw invalid(`it is not JSON: ${String(cause)}`)
  }
  const { version, topic, partition, offset, reason = '', by = '', atMs = -1 } = parsed
  const isPosition =
    typeof topic === 'string' && Number.isSafeInteger(partition) && Number.isSafeInteger(offset)
  if (version !== 1 || !isPosition) throw invalid('it is of another version, or names no position')
  return { topic, partition: partition as number, offset: offset as number, reason, by, atMs }
}

function invalid(why: string): MillraceError {
  return new MillraceError('MILLRACE_RUNTIME_SKIPS_INVALID', {
    message: `a record of the skips topic cannot be read: ${why}`,
  })
}

/** Reads `topic:partition:offset`; undefined where it is none. */
export function parsePosition(text: string): RecordPosition | undefined {
  const match = /^([\w.-]+):(\d{1,10}):(\d{1,16})$/.exec(text)
  if (match === null) return undefined
  return { topic: match[1] as string, partition: Number(match[2]), offset: Number(match[3]) }
}
