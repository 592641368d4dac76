import { ByteReader } from './byte-reader.ts'
import { isChecksumOf } from './crc32c.ts'
import { uncompressSnappy } from './snappy.ts'

const footerBytes = 48
const trailerBytes = 5
const magic = Buffer.from('57fb808b247547db', 'hex')
const compression = { none: 0, snappy: 1 } as const

/**
 * Checks every block of a table file against its checksum (`doc/table_format.md`). Throws a
 * RangeError that says where it is damaged.
 */
export function checkTable(bytes: Buffer): void {
  const footerAt = bytes.length - footerBytes
  if (footerAt < 0 || !bytes.subarray(-magic.length).equals(magic)) {
    throw new RangeError('it does not end as a table does')
  }
  const footer = new ByteReader(bytes, footerAt)
  const metaIndex = readBlock(bytes, readHandle(footer))
  const index = readBlock(bytes, readHandle(footer))
  for (const handle of handlesIn(metaIndex)) checkBlock(bytes, handle)
  for (const handle of handlesIn(index)) checkBlock(bytes, handle)
}

/** Where a block lies, its trailer not counted. */
interface BlockHandle {
  readonly offset: number
  readonly size: number
}

function readHandle(reader: ByteReader): BlockHandle {
  return { offset: reader.varint(), size: reader.varint() }
}

function checkBlock(bytes: Buffer, { offset, size }: BlockHandle): void {
  const end = offset + size
  const isWhole =
    end + trailerBytes <= bytes.length &&
    isChecksumOf(bytes.readUInt32LE(end + 1), bytes, offset, end + 1)
  if (!isWhole) throw new RangeError(`the block at ${offset} does not match its checksum`)
}

function readBlock(bytes: Buffer, handle: BlockHandle): Buffer {
  checkBlock(bytes, handle)
  const end = handle.offset + handle.size
  const content = bytes.subarray(handle.offset, end)
  switch (bytes[end]) {
    case compression.none:
      return content
    case compression.snappy:
      return uncompressSnappy(content)
    default:
      throw new RangeError(`the block at ${handle.offset} is compressed in an unknown way`)
  }
}

/** The values of an index block: entries, then the restart points, then their number. */
function* handlesIn(block: Buffer): Generator<BlockHandle> {
  const restarts = block.readUInt32LE(block.length - 4)
  const entries = new ByteReader(block, 0, block.length - 4 - restarts * 4)
  while (!entries.isAtEnd) {
    entries.varint()
    const keyBytes = entries.varint()
    const valueBytes = entries.varint()
    entries.take(keyBytes)
    yield readHandle(new ByteReader(entries.take(valueBytes)))
  }
}
