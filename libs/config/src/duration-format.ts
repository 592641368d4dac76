const unitsMs: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `250ms`, `5s`, `15m`, `1h`, `7d` to milliseconds; undefined where it is none of these. */
export function durationMs(text: string): number | undefined {
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * (unitsMs[match[2] as string] as number) : undefined
}
