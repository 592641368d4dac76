/** Bytes that a signed number takes as a zigzag varint. */
export function varintBytes(value: number): number {
  const magnitude = value < 0 ? -value - 1 : value
  if (magnitude < 0x40) return 1
  if (magnitude < 0x2000) return 2
  if (magnitude < 0x10_0000) return 3
  if (magnitude < 0x800_0000) return 4
  let bytes = 5
  for (let rest = magnitude / 0x4_0000_0000; rest >= 1; rest /= 128) bytes++
  return bytes
}
