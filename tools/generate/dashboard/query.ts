import type { Query } from './panel.ts'

/** The selector that every metric of a query carries, with more matchers before it where needed. */
export function at(...matchers: readonly string[]): string {
  return `{${[...matchers, 'job=~"$job"', 'instance=~"$instance"'].join(', ')}}`
}

/** What a replay could disturb, without replays and the canary's probes. */
export const live = at('lane="live"')

export const query = (expression: string, legend: string): Query => ({ expression, legend })

export const rate = (metric: string, selector: string): string =>
  `rate(${metric}${selector}[$__rate_interval])`

/** Of a histogram: the value that this share of the observations is below, by these labels. */
export function quantile(
  share: number,
  metric: string,
  selector: string,
  ...labels: readonly string[]
): string {
  const by = ['le', ...labels].join(', ')
  return `histogram_quantile(${share}, sum by (${by}) (${rate(`${metric}_bucket`, selector)}))`
}

/** What is not there as long as there is nothing to tell. */
export const orNothing = (expression: string): string => `${expression} or vector(0)`
