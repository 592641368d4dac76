// The row of a key in a store of sessions.
//
//   0..7    when its entry on the agenda is due, ms; -1 where it has none
//   8..15   start of the session that the entry stands for
//   16..19  how many sessions
//   then for each
//   8, 8    first and last timestamp
//   4       revision
//   1       1: downstream has a result, 2: it does not have the latest one
//   4, n    aggregate: length, bytes as its serde made them
//   then for each retraction not sent yet
//   8, 8, 4 bounds and revision

import { internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import type { Session, SessionRow } from './session-row.ts'

const flag = { sent: 1, changed: 2 } as const

/** The serde of a store of sessions, around the one of their aggregates. */
export function sessionRowSerde<A>(aggregates: Serde<A>): Serde<SessionRow<A>> {
  const serde = internalSerde(aggregates)
  return Object.freeze({
    name: `sessions(${aggregates.name})`,
    serialize(row: SessionRow<A>) {
      const writer = new ByteWriter()
      writer.int64(row.dueAtMs)
      writer.int64(row.dueStartMs)
      writer.uint32(row.sessions.length)
      for (const session of row.sessions) writeSession(writer, session, serde)
      for (const { startMs, endMs, revision } of row.retractions) {
        writer.int64(startMs)
        writer.int64(endMs)
        writer.uint32(revision)
      }
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const [dueAtMs, dueStartMs] = [reader.int64(), reader.int64()]
      const row: SessionRow<A> = { sessions: [], retractions: [], dueAtMs, dueStartMs }
      for (let left = reader.uint32(); left > 0; left--) {
        row.sessions.push(readSession(reader, serde))
      }
      while (!reader.isAtEnd) {
        const [startMs, endMs, revision] = [reader.int64(), reader.int64(), reader.uint32()]
        row.retractions.push({ startMs, endMs, revision })
      }
      return row
    },
  })
}

function writeSession<A>(writer: ByteWriter, session: Session<A>, serde: Serde<A>): void {
  writer.int64(session.startMs)
  writer.int64(session.endMs)
  writer.uint32(session.revision)
  writer.uint8((session.isSent ? flag.sent : 0) | (session.isChanged ? flag.changed : 0))
  writer.sized(serde.serialize(session.aggregate))
}

function readSession<A>(reader: ByteReader, serde: Serde<A>): Session<A> {
  const [startMs, endMs, revision] = [reader.int64(), reader.int64(), reader.uint32()]
  const flags = reader.uint8()
  const aggregate = serde.deserialize(reader.sized())
  const isSent = (flags & flag.sent) !== 0
  const isChanged = (flags & flag.changed) !== 0
  return { startMs, endMs, aggregate, revision, isSent, isChanged }
}
