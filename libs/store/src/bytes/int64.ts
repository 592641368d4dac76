const two32 = 4_294_967_296

/** Writes a safe integer as 8 bytes, big-endian, two's complement. No `bigint` on the way. */
export function writeInt64(into: Buffer, value: number, at: number): void {
  const high = Math.floor(value / two32)
  into.writeInt32BE(high, at)
  into.writeUInt32BE(value - high * two32, at + 4)
}

export function readInt64(from: Buffer, at: number): number {
  return from.readInt32BE(at) * two32 + from.readUInt32BE(at + 4)
}
