import { decompressFrameSync } from 'lz4-napi'

const frameMagic = 0x184d2204
/** By the id in the frame's descriptor, 4 to 7. */
const blockMaxBytesById = new Map([
  [4, 1 << 16],
  [5, 1 << 18],
  [6, 1 << 20],
  [7, 1 << 22],
])
/** No LZ4 block grows more than this when decompressed. */
const expansionMax = 255

/** An LZ4 frame, which Kafka uses as it is since message format 1. */
export function decompressLz4(data: Buffer, maxBytes: number): Buffer {
  const bound = uncompressedBound(data)
  if (bound > maxBytes) throw new Error(`LZ4 frame of up to ${bound} bytes`)
  return decompressFrameSync(data)
}

/**
 * What the frame can become at most, from its block sizes: the library has no bound of its own.
 * Frame: magic uint32 · flags · block size id · [content size uint64] · [dictionary uint32] ·
 * header checksum · blocks (size uint32, top bit: stored uncompressed; data; [checksum uint32]) · 0.
 */
function uncompressedBound(data: Buffer): number {
  if (data.length < 7 || data.readUInt32LE(0) !== frameMagic) throw new Error('not an LZ4 frame')
  const flags = data[4]!
  const blockMaxBytes = blockMaxBytesById.get((data[5]! >>> 4) & 7)
  if (blockMaxBytes === undefined) throw new Error('unknown LZ4 block size')
  const hasBlockChecksum = (flags & 0x10) !== 0
  let position = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0)
  let bound = 0
  while (position + 4 <= data.length) {
    const sizeField = data.readUInt32LE(position)
    if (sizeField === 0) break
    const size = sizeField & 0x7fff_ffff
    bound += Math.min(blockMaxBytes, sizeField === size ? size * expansionMax : size)
    position += 4 + size + (hasBlockChecksum ? 4 : 0)
  }
  return bound
}
