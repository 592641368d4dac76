/** A metric that a query asks for, and the labels that it selects by. */
interface AskedMetric {
  readonly name: string
  readonly labels: readonly string[]
}

/** Every metric of ours in a query, but for what rules record, with the labels of its selector. */
export function metricsOf(expression: string): readonly AskedMetric[] {
  return [...expression.matchAll(/(?<!:)\b(millrace_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', selector = '']) => ({
      name,
      labels: [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label ?? ''),
    }),
  )
}

/** The query as Grafana would send it, for every job and instance. */
export function filledIn(expression: string, rateInterval = '1m'): string {
  return expression
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+')
}

/** The query without what stands in for a missing answer. */
export function withoutFallback(expression: string): string {
  return expression.replace(/ or vector\(0\)$/, '')
}
