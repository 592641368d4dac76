import type { TopicPartition } from '@millrace/record'
import { type Headers, headerText } from '@millrace/record'

/** A record of the dead-letter topic, and what its headers say. */
export interface Letter {
  /** Where it lies in the dead-letter topic. */
  readonly at: TopicPartition & { readonly offset: number }
  /** Where the record lies that failed; null for a result that time let go. */
  readonly source: (TopicPartition & { readonly offset: number }) | null
  /** Of a result: whose. */
  readonly operator: string | null
  readonly code: string
  readonly message: string
  /** Of the plan that it failed under: another topology has another one. Empty in letters of older releases. */
  readonly plan: string
  readonly failedAtMs: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** As they were when it failed. */
  readonly headers: Headers
  /** The source position of the letter that it was redriven from. */
  readonly redrivenFrom: string | null
}

/** On a redriven record: where its letter's record lies. */
export const redrivenHeader = 'millrace.redriven'

const ours = /^(__streams\.errors|millrace\.dlq)\./

export function letterOf(
  at: Letter['at'],
  record: {
    readonly timestampMs: number
    readonly key: Buffer | null
    readonly value: Buffer | null
    readonly headers: Headers
  },
): Letter {
  const text = (name: string): string => headerText(record.headers, name) ?? ''
  const topic = text('__streams.errors.topic')
  const source = {
    topic,
    partition: Number(text('__streams.errors.partition')),
    offset: Number(text('__streams.errors.offset')),
  }
  return {
    at,
    source: topic === '' ? null : source,
    operator: text('millrace.dlq.operator') || null,
    code: text('millrace.dlq.code') || text('__streams.errors.exception'),
    message: text('__streams.errors.message'),
    plan: text('millrace.dlq.plan').slice(0, 12),
    failedAtMs: Number(text('millrace.dlq.failed-at')),
    timestampMs: Number(text('millrace.dlq.timestamp') || record.timestampMs),
    key: record.key,
    value: record.value,
    headers: record.headers.filter(([name]) => !ours.test(name)),
    redrivenFrom: text(redrivenHeader) || null,
  }
}

/** What a letter is known by: its source position; a result's by its place among the letters. */
export function identityOf({ source, at }: Letter): string {
  const { topic, partition, offset } = source ?? at
  return `${topic}:${partition}:${offset}`
}
