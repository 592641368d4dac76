/** A metric that a query asks for, and what it selects of it. */
interface AskedMetric {
  readonly name: string
  /** Between the braces. */
  readonly selector: string
  /** Names of the labels in it. */
  readonly labels: readonly string[]
}

/** Every metric of ours in a query, but for what rules record. */
export function metricsOf(expression: string): readonly AskedMetric[] {
  return asked(expression, /(?<!:)\b(millrace_\w+)(?:\{([^}]*)\})?/g)
}

/** Every metric in a query that a rule records: `level:metric:operations`. */
export function recordedOf(expression: string): readonly AskedMetric[] {
  return asked(expression, /\b(\w+:\w+:\w+)(?:\{([^}]*)\})?/g)
}

function asked(expression: string, pattern: RegExp): readonly AskedMetric[] {
  return [...expression.matchAll(pattern)].map(([, name = '', selector = '']) => ({
    name,
    selector,
    labels: [...selector.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label ?? ''),
  }))
}

export interface Filling {
  /** Default 1m; the time that is shown is 1m. */
  readonly rateInterval?: string
  readonly view?: string
}

/** The query as Grafana would send it, for every job and instance. */
export function filledIn(
  expression: string,
  { rateInterval = '1m', view = 'view' }: Filling = {},
): string {
  return expression
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', '1m')
    .replaceAll('$job', '.+')
    .replaceAll('$instance', '.+')
    .replaceAll('$view', view)
}

/** The query without what stands in for a missing answer. */
export function withoutFallback(expression: string): string {
  return expression.replace(/ or vector\(0\)$/, '')
}
