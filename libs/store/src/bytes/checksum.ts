/**
 * FNV-1a, 32 bits, over `bytes[start, end)`, going on from `hash`. LevelDB does not verify its
 * block checksums on reads (classic-level has no option for it), so every value carries its own.
 */
export function checksum(bytes: Buffer, start: number, end: number, hash = -2128831035): number {
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 16_777_619)
  return hash
}
