import type { Headers } from '@millrace/record'

/** A record that failed, as a patch sees it. */
export interface FailedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
  /** The error's code and message. */
  readonly code: string
  readonly message: string
}

/** Bytes, text, or an object that is written as JSON; what is left out stays as it was. */
export interface PatchedLetter {
  readonly key?: Buffer | string | object | null
  readonly value?: Buffer | string | object | null
}

/**
 * What `millrace dlq redrive --patch <file>` does to each record that failed before it is written to its
 * topic again: the file's default export. Null leaves the letter where it is. What the source's serdes
 * refuse is not written.
 *
 * @example
 * const patch: DeadLetterPatch = ({ value }) => {
 *   const order = JSON.parse(String(value))
 *   return { value: { ...order, amount: Number(order.amount) } }
 * }
 * export default patch
 */
export type DeadLetterPatch = (
  record: FailedRecord,
) => PatchedLetter | null | Promise<PatchedLetter | null>
