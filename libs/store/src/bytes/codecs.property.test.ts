import { isMillraceError } from '@millrace/errors'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ChangeKind,
  decodeStamp,
  encodeStamp,
  stampOf,
} from '../changelog/changelog-record.ts'
import { backendKey, changelogKey, parseRowKey, rowKey } from '../layout.ts'
import { checkRow, encodeRow, rowRevision, rowTimestampMs, rowValue } from '../rows/row-codec.ts'
import { noWindow } from '../store.ts'
import { readInt64, writeInt64 } from './int64.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const safeInteger = fc.maxSafeInteger()
const timestampMs = fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER })
const uint32 = fc.nat(0xffff_ffff)

test('a safe integer in eight bytes is what a bigint would have written', () => {
  fc.assert(
    fc.property(safeInteger, (value) => {
      const written = Buffer.alloc(10)
      writeInt64(written, value, 1)
      expect(written.readBigInt64BE(1)).toBe(BigInt(value))
      expect(readInt64(written, 1)).toBe(value)
    }),
  )
})

test('a row comes back as it was written', () => {
  fc.assert(
    fc.property(bytes, timestampMs, uint32, bytes, (key, time, revision, value) => {
      const row = encodeRow(key, time, revision, value)
      checkRow(key, row, 'memory')
      expect([rowTimestampMs(row), rowRevision(row)]).toEqual([time, revision])
      expect(rowValue(row).equals(value)).toBe(true)
    }),
  )
})

test('a row with one bit turned, cut short or under another key is corrupt', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.nat(7), (key, value, at, bit) => {
      const row = encodeRow(key, 0, 1, value)
      const turned = Buffer.from(row)
      const index = at % row.length
      turned[index] = (turned[index] as number) ^ (1 << bit)
      // The version byte stands before the checksum and is judged by itself.
      const code = index === 0 ? 'MILLRACE_STORE_VERSION' : 'MILLRACE_STORE_CORRUPT'
      expect(codeOf(() => checkRow(key, turned, 'memory'))).toBe(code)
      const shorter = row.subarray(0, index)
      expect(codeOf(() => checkRow(key, shorter, 'memory'))).toBe('MILLRACE_STORE_CORRUPT')
      const otherKey = Buffer.concat([key, Buffer.of(0)])
      expect(codeOf(() => checkRow(otherKey, row, 'memory'))).toBe('MILLRACE_STORE_CORRUPT')
    }),
  )
})

test('a stamp comes back as it was written', () => {
  const kinds: ChangeKind[] = ['put', 'tombstone-expired', 'tombstone-deleted', 'meta']
  fc.assert(
    fc.property(
      fc.record({
        kind: fc.constantFrom(...kinds),
        timestampMs,
        sourceIndex: fc.nat(0xffff),
        sourceOffset: timestampMs,
        revision: uint32,
      }),
      (stamp) => {
        expect(decodeStamp(encodeStamp(stamp))).toEqual(stamp)
        expect(
          stampOf([
            ['x', null],
            ['s', encodeStamp(stamp)],
          ]),
        ).toEqual(stamp)
      },
    ),
  )
})

test('bytes that are no stamp are none', () => {
  const good = encodeStamp({
    kind: 'put',
    timestampMs: 0,
    sourceIndex: 0,
    sourceOffset: 0,
    revision: 1,
  })
  const otherVersion = Buffer.from(good)
  otherVersion[0] = 2
  const otherKind = Buffer.from(good)
  otherKind[1] = 9
  expect([otherVersion, otherKind, good.subarray(1)].map(decodeStamp)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(stampOf([])).toBeUndefined()
})

test('keys of a window store sort by window, then by key, and come apart again', () => {
  const row = fc.tuple(fc.nat(Number.MAX_SAFE_INTEGER), bytes)
  fc.assert(
    fc.property(row, row, ([startA, keyA], [startB, keyB]) => {
      const [a, b] = [rowKey(1, startA, keyA), rowKey(1, startB, keyB)]
      const expected = Math.sign(startA - startB) || Buffer.compare(keyA, keyB)
      expect(Buffer.compare(a, b)).toBe(expected)
      const parsed = parseRowKey(a, true)
      expect(parsed.windowStartMs).toBe(startA)
      expect(parsed.key.equals(keyA)).toBe(true)
    }),
  )
})

test('a key goes to the changelog and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 254 }), bytes, (storeId, key) => {
      const inBackend = rowKey(storeId, noWindow, key)
      expect(backendKey(storeId, changelogKey(inBackend)).equals(inBackend)).toBe(true)
    }),
  )
})

function codeOf(run: () => void): string | undefined {
  try {
    run()
  } catch (error) {
    return isMillraceError(error) ? error.code : String(error)
  }
  return undefined
}
