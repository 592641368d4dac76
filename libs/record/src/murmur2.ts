const seed = 0x9747b28c
const multiplier = 0x5bd1e995

/**
 * MurmurHash2, 32 bits, as `org.apache.kafka.common.utils.Utils.murmur2`: the same signed integer
 * as in Java, so that Java producers and Millrace put a key into the same partition.
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const wordsEnd = length & ~3
  let hash = seed ^ length
  for (let i = 0; i < wordsEnd; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    hash = Math.imul(hash, multiplier) ^ scrambled(word)
  }
  const rest = length - wordsEnd
  if (rest >= 3) hash ^= bytes[wordsEnd + 2]! << 16
  if (rest >= 2) hash ^= bytes[wordsEnd + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ bytes[wordsEnd]!, multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, multiplier)
  return Math.imul(mixed ^ (mixed >>> 24), multiplier)
}
