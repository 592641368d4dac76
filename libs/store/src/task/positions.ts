import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import { positionsKey } from '../layout.ts'
import { checkRow, encodeRow, rowValue } from '../rows/row-codec.ts'

/** Where to read on in an input partition. */
export interface InputOffset extends TopicPartition {
  readonly offset: number
}

/** How far a state goes: what was read to make it, and how much of its changelogs is in it. */
export interface Positions {
  /** Next offset to read of each source partition. */
  readonly inputOffsets: readonly InputOffset[]
  /** Next offset to read of each store's changelog partition, by store name. */
  readonly changelogOffsets: ReadonlyMap<string, number>
  /** Wall clock at the commit; -1 where nothing was committed. */
  readonly committedAtMs: number
}

export const noPositions: Positions = Object.freeze({
  inputOffsets: Object.freeze([]),
  changelogOffsets: new Map<string, number>(),
  committedAtMs: -1,
})

/**
 * The record that a task is processing: one object per task, set before each record, read by the
 * stores when a row changes.
 */
export interface SourcePosition {
  /** Index in the task's list of sources. */
  sourceIndex: number
  /** Offset of the record being processed; -1 before the first. */
  offset: number
}

export function encodePositions(positions: Positions): Buffer {
  const json = JSON.stringify({
    inputOffsets: positions.inputOffsets.map((input) => [
      input.topic,
      input.partition,
      input.offset,
    ]),
    changelogOffsets: [...positions.changelogOffsets],
    committedAtMs: positions.committedAtMs,
  })
  return encodeRow(positionsKey, -1, 0, Buffer.from(json))
}

/** Throws `MILLRACE_STORE_CORRUPT` where the bytes are not readable. */
export function decodePositions(bytes: Buffer, location: string): Positions {
  checkRow(positionsKey, bytes, location)
  try {
    const json = JSON.parse(rowValue(bytes).toString()) as PositionsJson
    return {
      inputOffsets: json.inputOffsets.map(([topic, partition, offset]) => ({
        topic,
        partition,
        offset,
      })),
      changelogOffsets: new Map(json.changelogOffsets),
      committedAtMs: json.committedAtMs,
    }
  } catch (cause) {
    const message = `the positions in ${location} cannot be read`
    throw new MillraceError('MILLRACE_STORE_CORRUPT', { message, cause })
  }
}

interface PositionsJson {
  readonly inputOffsets: readonly (readonly [string, number, number])[]
  readonly changelogOffsets: readonly (readonly [string, number])[]
  readonly committedAtMs: number
}
