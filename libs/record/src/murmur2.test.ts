import { expect, test } from 'vitest'
import { murmur2 } from './murmur2.ts'
import { partitionFor, partitionOf } from './partition.ts'
import { string } from './serdes/string.ts'
import { windowed } from './serdes/windowed.ts'

/** Expected values of Apache Kafka's `UtilsTest.testMurmur2`. */
const vectors: readonly [string, number][] = [
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
]

test.each(vectors)('murmur2 of %j is the same as in Java', (text, expected) => {
  expect(murmur2(Buffer.from(text))).toBe(expected)
})

test('every length of rest, 0 to 3 bytes, is the same as in Java', () => {
  const byLength = ['1', '12', '123', '1234', '12345'].map((text) => murmur2(Buffer.from(text)))
  expect(byLength).toEqual([-1993445489, 126087238, -267702483, -1614185708, -1188365604])
})

test('bytes above 127 are signed in Java and still hash alike', () => {
  expect(murmur2(Buffer.from([0xff, 0x80, 0xfe, 0x81, 0xc3]))).toBe(
    referenceMurmur2([0xff, 0x80, 0xfe, 0x81, 0xc3]),
  )
})

test('the partition is the positive hash modulo the count', () => {
  // -973932308 & 0x7fffffff = 1173551340
  expect(partitionFor(Buffer.from('21'), 7)).toBe(1_173_551_340 % 7)
})

test('a windowed key goes to the partition of its bare key', () => {
  const serde = windowed(string, 10)
  for (const key of ['a', 'b', 'kafka', '']) {
    const bytes = serde.serialize({ key, window: { startMs: 70, endMs: 80 } })
    expect(partitionOf(serde, bytes, 13)).toBe(partitionOf(string, Buffer.from(key), 13))
  }
})

/** Java's algorithm in BigInt arithmetic, written apart from the one under test. */
function referenceMurmur2(bytes: number[]): number {
  const wrap = (value: bigint) => BigInt.asUintN(32, value)
  const m = 0x5bd1e995n
  let h = wrap(0x9747b28cn ^ BigInt(bytes.length))
  let i = 0
  for (; i + 4 <= bytes.length; i += 4) {
    let k = 0n
    for (let b = 3; b >= 0; b--) k = (k << 8n) | BigInt(bytes[i + b]!)
    k = wrap(k * m)
    k ^= k >> 24n
    h = wrap(h * m) ^ wrap(k * m)
  }
  const rest = bytes.slice(i)
  if (rest.length > 0) {
    rest.forEach((byte, at) => {
      h ^= BigInt(byte) << BigInt(8 * at)
    })
    h = wrap(h * m)
  }
  h = wrap((h ^ (h >> 13n)) * m)
  return Number(BigInt.asIntN(32, h ^ (h >> 15n)))
}
