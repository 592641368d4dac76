const twoTo32 = 0x1_0000_0000

/** Reads a signed 64-bit number; exact up to 2^53, which Kafka's offsets, times and ids stay below. */
export function readInt64(buffer: Buffer, position: number): number {
  return buffer.readInt32BE(position) * twoTo32 + buffer.readUInt32BE(position + 4)
}

export function writeInt64(buffer: Buffer, value: number, position: number): void {
  const high = Math.floor(value / twoTo32)
  buffer.writeInt32BE(high, position)
  buffer.writeUInt32BE(value - high * twoTo32, position + 4)
}
