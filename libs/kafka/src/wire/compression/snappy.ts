import { compressSync, uncompressSync } from 'snappy'

// What snappy-java's SnappyOutputStream puts in front: magic, version, lowest compatible version.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const xerialHeaderBytes = xerialMagic.length + 8

/**
 * Snappy as Kafka knows it: Java clients write blocks in xerial's framing (each with its length as
 * int32 in front), librdkafka and others one raw block.
 */
export function decompressSnappy(data: Buffer, maxBytes: number): Buffer {
  if (!data.subarray(0, xerialMagic.length).equals(xerialMagic))
    return uncompressBlock(data, maxBytes)
  const blocks: Buffer[] = []
  let total = 0
  let position = xerialHeaderBytes
  while (position < data.length) {
    const length = data.readInt32BE(position)
    const start = position + 4
    position = start + length
    if (length < 0 || position > data.length)
      throw new Error('a snappy block is longer than its data')
    const block = uncompressBlock(data.subarray(start, position), maxBytes - total)
    total += block.length
    blocks.push(block)
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, total)
}

/** In xerial's framing, as one block. For tests and the simulation. */
export function compressSnappy(data: Buffer): Buffer {
  const block = compressSync(data)
  const header = Buffer.alloc(xerialHeaderBytes + 4)
  xerialMagic.copy(header)
  header.writeInt32BE(1, 8)
  header.writeInt32BE(1, 12)
  header.writeInt32BE(block.length, 16)
  return Buffer.concat([header, block])
}

function uncompressBlock(block: Buffer, maxBytes: number): Buffer {
  const length = uncompressedLength(block)
  if (length > maxBytes) throw new Error(`snappy block of ${length} bytes`)
  return uncompressSync(block, { asBuffer: true }) as Buffer
}

/** A raw block begins with its uncompressed length as an unsigned varint. */
function uncompressedLength(block: Buffer): number {
  let length = 0
  for (let i = 0, weight = 1; i < 5; i++, weight *= 128) {
    const byte = block[i] ?? 0
    length += (byte & 127) * weight
    if (byte < 128) break
  }
  return length
}
