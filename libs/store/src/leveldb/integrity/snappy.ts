import { ByteReader } from './byte-reader.ts'

/**
 * Uncompresses a Snappy block (format description of google/snappy). Throws a RangeError where the
 * bytes are no such block.
 */
export function uncompressSnappy(compressed: Buffer): Buffer {
  const reader = new ByteReader(compressed)
  const output = Buffer.allocUnsafe(reader.varint())
  let length = 0
  while (!reader.isAtEnd) {
    const tag = reader.byte()
    const isLiteral = (tag & 3) === 0
    if (isLiteral) {
      const literal = reader.take(literalLength(reader, tag))
      if (length + literal.length > output.length) throw new RangeError('a literal is too long')
      literal.copy(output, length)
      length += literal.length
    } else {
      length = copy(reader, tag, output, length)
    }
  }
  if (length !== output.length) throw new RangeError('the block is too short')
  return output
}

/** Up to 60 bytes in the tag itself; 61 to 64 say how many bytes hold the length. */
function literalLength(reader: ByteReader, tag: number): number {
  const code = tag >>> 2
  return (code < 60 ? code : littleEndian(reader, code - 59)) + 1
}

/** Repeats output from further back; the source may overlap what is being written. */
function copy(reader: ByteReader, tag: number, output: Buffer, length: number): number {
  const kind = tag & 3
  const count = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
  const back =
    kind === 1 ? ((tag >>> 5) << 8) + reader.byte() : littleEndian(reader, kind === 2 ? 2 : 4)
  if (back === 0 || back > length || length + count > output.length) {
    throw new RangeError('a copy reaches outside the block')
  }
  for (let i = 0; i < count; i++) output[length + i] = output[length + i - back] as number
  return length + count
}

function littleEndian(reader: ByteReader, size: number): number {
  return reader.take(size).readUIntLE(0, size)
}
