import type { Headers } from '@millrace/record'
import { expect, test } from 'vitest'
import {
  encodeTimeHeader,
  readTimeHeader,
  timeHeaderName,
  type UpstreamNews,
} from './time-header.ts'

function read(headers: Headers): UpstreamNews | null {
  const news = { subTopology: 0, partition: 0, streamTimeMs: 0, isIdle: false, isMarker: false }
  return readTimeHeader(headers, news) ? news : null
}

test('what a task says of its time comes back as it was', () => {
  const news = {
    subTopology: 3,
    partition: 70_000,
    streamTimeMs: 1_700_000_000_123,
    isIdle: true,
    isMarker: false,
  }
  expect(
    read([
      ['x', null],
      [timeHeaderName, encodeTimeHeader(news)],
    ]),
  ).toEqual(news)
  const silent = { ...news, streamTimeMs: -1, isIdle: false, isMarker: true }
  expect(read([[timeHeaderName, encodeTimeHeader(silent)]])).toEqual(silent)
})

test('headers of others are not taken for time', () => {
  expect(read([])).toBe(null)
  expect(read([['trace', Buffer.alloc(16, 1)]])).toBe(null)
  expect(read([[timeHeaderName, null]])).toBe(null)
  expect(read([[timeHeaderName, Buffer.from('short')]])).toBe(null)
})
