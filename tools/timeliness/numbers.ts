export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export function hoursText(hours: number): string {
  return `${hours.toFixed(1)} h`
}

export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}

/** Percentage points. */
export function points(share: number): string {
  return `${(share * 100).toFixed(1)} points`
}
