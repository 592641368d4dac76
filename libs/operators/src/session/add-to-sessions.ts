import { MillraceError } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Fold } from '../aggregate/fold.ts'
import { type Session, type SessionRow, touching } from './session-row.ts'

export interface AddOptions<K, V, A> {
  readonly gapMs: number
  /** Whether a session of this record alone would be closed. */
  readonly isLate: boolean
  readonly fold: Fold<K, V, A, unknown>
  /** A result is taken back before another with the same bounds goes out, as Kafka Streams does. */
  readonly retractsSame: boolean
}

/**
 * Joins the open sessions that the record touches with the record into one; false where it is late.
 * The user's functions run before anything changes.
 */
export function addToSessions<K, V, A>(
  row: SessionRow<A>,
  record: Record<K, V>,
  { gapMs, isLate, fold, retractsSame }: AddOptions<K, V, A>,
): boolean {
  const { timestampMs } = record
  const [from, to] = touching(row, timestampMs, gapMs)
  if (from === to && isLate) return false
  const found = row.sessions.slice(from, to)
  const aggregate = folded(found, record, fold)
  const startMs = Math.min(timestampMs, found[0]?.startMs ?? timestampMs)
  const endMs = Math.max(timestampMs, found.at(-1)?.endMs ?? timestampMs)
  const isInstant = startMs === endMs
  let isSent = false
  for (const session of found) {
    if (!session.isSent) continue
    const isSame = session.startMs === startMs && session.endMs === endMs
    if (aggregate !== null && isSame && (isInstant || !retractsSame)) isSent = true
    else row.retractions.push(session)
  }
  if (aggregate === null) {
    row.sessions.splice(from, to - from)
    return true
  }
  const revision = found.reduce((records, session) => records + session.revision, 1)
  const merged = { startMs, endMs, aggregate, revision, isSent, isChanged: true }
  row.sessions.splice(from, to - from, merged)
  return true
}

/** Kafka Streams' order: an empty aggregate, each session merged into it, then the record added. */
function folded<K, V, A>(
  found: readonly Session<A>[],
  record: Record<K, V>,
  fold: Fold<K, V, A, unknown>,
): A | null {
  let aggregate: A | null = null
  for (const session of found) {
    aggregate = fold.merge?.(aggregate, session.aggregate, record.key, record) ?? null
    if (aggregate === null) throw noResult(fold.operator, 'merge')
  }
  const after = fold.add(aggregate, record.value, record.key, record)
  if (after === undefined) throw noResult(fold.operator, 'add')
  return after
}

function noResult(operator: string, what: string): MillraceError {
  return new MillraceError('MILLRACE_OPERATORS_NO_RESULT', {
    message: `the ${what} function of a ${operator} by sessions returned nothing`,
  })
}
