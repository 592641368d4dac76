/** One panel of a dashboard: what it asks Prometheus, and how the answer is drawn. */
export interface Panel {
  readonly title: string
  /** What a reader should make of it: what is good, what is not, what to do then. */
  readonly description: string
  readonly kind: 'stat' | 'timeseries'
  /** Grafana's name of the unit: `short`, `s`, `cps`, `bytes`, `percentunit`… */
  readonly unit: string
  readonly queries: readonly Query[]
  /** A stat's value from which on it is drawn red, where there is one. */
  readonly badFrom?: number
}

export interface Query {
  /** PromQL; `$__rate_interval`, `$job`, `$instance`, `$view` and `$__range` (the time that is shown) are Grafana's to fill in. */
  readonly expression: string
  /** With `{{label}}`s of the answer. */
  readonly legend: string
}
