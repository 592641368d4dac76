import { Registry } from 'prom-client'
import { type MetricDefinition, type MetricName, metricCatalogue } from './catalogue.ts'
import { definitionOf, type SeriesDefinition, seriesId } from './shared-counters.ts'

interface Source {
  readonly slots: Float64Array
  readonly series: SeriesDefinition[]
}

interface Sample {
  readonly value: number
  readonly labels: { [label: string]: string | number }
  readonly metricName?: string
}

/**
 * Turns the counters of all threads into Prometheus' text format, at the time of the scrape and
 * without asking the threads: a stuck worker's counters are read like any other's. Series of the
 * same metric and labels are combined over the threads as the catalogue says: as a rule added up.
 */
export class MetricsRegistry {
  readonly #registry = new Registry()
  readonly #sources: Source[] = []

  readonly #nowMs: () => number

  /** `nowMs`: the wall clock, for ages. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    for (const [name, definition] of Object.entries(metricCatalogue) as [
      MetricName,
      MetricDefinition,
    ][]) {
      this.#registry.registerMetric(this.#metric(name, definition) as never)
    }
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** A thread's buffer, and the function that takes the definitions of its series as they come. */
  addSource(buffer: SharedArrayBuffer): (series: SeriesDefinition) => void {
    const source: Source = { slots: new Float64Array(buffer), series: [] }
    this.#sources.push(source)
    return (series) => void source.series.push(series)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** prom-client asks its metrics for values with `get`; its own classes cannot be set to a histogram's counts. */
  #metric(name: MetricName, definition: MetricDefinition): object {
    const { kind: type, help } = definition
    const get = (): object => ({ name, help, type, aggregator: 'sum', values: this.#samples(name) })
    return { name, help, type, get: async () => get() }
  }

  #samples(name: MetricName): Sample[] {
    const definition = definitionOf(name)
    const width = definition.kind === 'histogram' ? (definition.buckets ?? []).length + 2 : 1
    const totals = new Map<
      string,
      { readonly series: SeriesDefinition; readonly values: number[] }
    >()
    for (const source of this.#sources) {
      for (const series of source.series) {
        if (series.metric !== name) continue
        const values = Array.from(source.slots.subarray(series.slot, series.slot + width))
        if (values.some(Number.isNaN)) continue
        addUp(totals, series, values, definition.over)
      }
    }
    return [...totals.values()].flatMap(({ series, values }) =>
      definition.kind === 'histogram'
        ? histogramSamples(name, series, values, definition.buckets ?? [])
        : [{ value: this.#shown(definition, values[0] as number), labels: { ...series.labels } }],
    )
  }

  #shown({ isAge }: MetricDefinition, value: number): number {
    return isAge === true ? Math.max(0, this.#nowMs() / 1000 - value) : value
  }
}

const combine = {
  sum: (a: number, b: number): number => a + b,
  min: Math.min,
  max: Math.max,
}

function addUp(
  totals: Map<string, { readonly series: SeriesDefinition; readonly values: number[] }>,
  series: SeriesDefinition,
  values: number[],
  over: MetricDefinition['over'] = 'sum',
): void {
  const id = seriesId(series.metric, series.labels)
  const total = totals.get(id)
  if (!total) {
    totals.set(id, { series, values })
    return
  }
  for (const [index, value] of values.entries())
    total.values[index] = combine[over](total.values[index] as number, value)
}

function histogramSamples(
  name: string,
  series: SeriesDefinition,
  values: readonly number[],
  buckets: readonly number[],
): Sample[] {
  let count = 0
  const samples: Sample[] = [...buckets, '+Inf'].map((le, index) => {
    count += values[index] as number
    return { value: count, labels: { ...series.labels, le }, metricName: `${name}_bucket` }
  })
  samples.push({
    value: values.at(-1) as number,
    labels: { ...series.labels },
    metricName: `${name}_sum`,
  })
  samples.push({ value: count, labels: { ...series.labels }, metricName: `${name}_count` })
  return samples
}
