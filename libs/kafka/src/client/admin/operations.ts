/** Kafka's `AclOperation` by its code, as far as topics have them. */
const names: ReadonlyMap<number, string> = new Map([
  [3, 'Read'],
  [4, 'Write'],
  [5, 'Create'],
  [6, 'Delete'],
  [7, 'Alter'],
  [8, 'Describe'],
  [10, 'DescribeConfigs'],
  [11, 'AlterConfigs'],
])

/** What a broker answers that was not asked. */
const notTold = -2_147_483_648

/** The operations of a bit field (KIP-430); null where nothing was told. */
export function operationsOf(bits: number | undefined): ReadonlySet<string> | null {
  if (bits === undefined || bits === notTold) return null
  return new Set([...names].filter(([code]) => (bits & (1 << code)) !== 0).map(([, name]) => name))
}
