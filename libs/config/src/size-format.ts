const unitsBytes: { readonly [unit: string]: number } = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** `0B`, `512MiB`, `20GiB` to bytes; undefined where it is none of these. */
export function sizeBytes(text: string): number | undefined {
  const match = /^(\d{1,9})(B|KiB|MiB|GiB|TiB)$/.exec(text)
  const size = match ? Number(match[1]) * (unitsBytes[match[2] as string] as number) : Number.NaN
  return Number.isSafeInteger(size) ? size : undefined
}
