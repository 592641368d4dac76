/** Four tables, so that four bytes go in at a time (Castagnoli polynomial, reflected). */
const tables = makeTables()

/** CRC-32C of `bytes[start, end)`, as LevelDB computes it before masking. Unsigned. */
export function crc32c(bytes: Buffer, start: number, end: number): number {
  const [t0, t1, t2, t3] = tables
  let crc = -1
  let at = start
  for (; at + 4 <= end; at += 4) {
    crc ^= bytes.readInt32LE(at)
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number)
  }
  for (; at < end; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 0xff] as number) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** LevelDB stores checksums rotated and shifted (`crc32c::Mask`). */
export function isChecksumOf(masked: number, bytes: Buffer, start: number, end: number): boolean {
  const crc = crc32c(bytes, start, end)
  return masked === (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    return crc
  })
  const second = after(first, first)
  const third = after(second, first)
  return [first, second, third, after(third, first)]
}

/** The table for a byte that stands one further to the front. */
function after(table: Int32Array, first: Int32Array): Int32Array {
  return table.map((crc) => (first[crc & 0xff] as number) ^ (crc >>> 8))
}
