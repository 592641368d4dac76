// The rows of one key in one bucket, of a join of two streams:
//
//   0..3   how many rows are of the left side; they come first
//   then for each row
//   8      timestamp, ms
//   1      1: has no match so far, and its headers follow the value; 0: none will be needed
//   4, n   value: length, bytes as its side's serde made them
//   headers: see below

import { internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { readHeaders, writeHeaders } from '../bytes/header-bytes.ts'
import type { JoinRow, JoinRows } from './join-rows.ts'

export function joinRowsSerde<L, R>(left: Serde<L>, right: Serde<R>): Serde<JoinRows<L, R>> {
  const [leftSerde, rightSerde] = [internalSerde(left), internalSerde(right)]
  return Object.freeze({
    name: `join-rows(${left.name}, ${right.name})`,
    serialize(rows: JoinRows<L, R>) {
      const writer = new ByteWriter()
      writer.uint32(rows.left.length)
      for (const row of rows.left) writeRow(writer, row, leftSerde)
      for (const row of rows.right) writeRow(writer, row, rightSerde)
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const leftCount = reader.uint32()
      const rows: JoinRows<L, R> = { left: [], right: [] }
      for (let read = 0; read < leftCount; read++) rows.left.push(readRow(reader, leftSerde))
      while (!reader.isAtEnd) rows.right.push(readRow(reader, rightSerde))
      return rows
    },
  })
}

function writeRow<V>(writer: ByteWriter, row: JoinRow<V>, serde: Serde<V>): void {
  writer.int64(row.timestampMs)
  writer.uint8(row.headers === null ? 0 : 1)
  writer.sized(serde.serialize(row.value))
  if (row.headers !== null) writeHeaders(writer, row.headers)
}

function readRow<V>(reader: ByteReader, serde: Serde<V>): JoinRow<V> {
  const timestampMs = reader.int64()
  const hasHeaders = reader.uint8() === 1
  const value = serde.deserialize(reader.sized())
  return { timestampMs, value, headers: hasHeaders ? readHeaders(reader) : null }
}
