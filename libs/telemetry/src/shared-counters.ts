import { MillraceError } from '@millrace/errors'
import { type MetricDefinition, type MetricName, metricCatalogue } from './catalogue.ts'
import type { Cell, Counters, HistogramCell, Labels } from './counters.ts'

/** Says which series lies where in the buffer; sent once to whoever reads it. */
export interface SeriesDefinition {
  readonly metric: MetricName
  readonly labels: Labels
  /** First slot. A histogram takes one a bucket, then +Inf, then the sum. */
  readonly slot: number
}

export interface SharedCountersOptions {
  /** Bound on all series together, counted in slots of 8 bytes. Default 16,384. */
  readonly slotsMax?: number
  /** Called for each new series, on the thread that made it. */
  readonly onSeries?: (series: SeriesDefinition) => void
}

/** Label values beyond this many series of a metric are `other`: no input may make them endless. */
const seriesMax = 1_000
/** Longer label values are cut. */
const labelMax = 256
const other = 'other'

/** Counters in a buffer that other threads may read. NaN marks a series that is left out. */
export class SharedCounters implements Counters {
  readonly buffer: SharedArrayBuffer
  readonly #slots: Float64Array
  readonly #series = new Map<string, SeriesDefinition>()
  readonly #countOf = new Map<MetricName, number>()
  readonly #onSeries: (series: SeriesDefinition) => void
  #next = 0

  constructor(options: SharedCountersOptions = {}) {
    this.buffer = new SharedArrayBuffer(
      (options.slotsMax ?? 16_384) * Float64Array.BYTES_PER_ELEMENT,
    )
    this.#slots = new Float64Array(this.buffer)
    this.#onSeries = options.onSeries ?? (() => {})
  }

  cell(metric: MetricName, labels: Labels = {}): Cell {
    const { slot } = this.#find(metric, labels, 1)
    return new SlotCell(this.#slots, slot)
  }

  histogram(metric: MetricName, labels: Labels = {}): HistogramCell {
    const { buckets = [] } = definitionOf(metric)
    const { slot } = this.#find(metric, labels, buckets.length + 2)
    return new SlotHistogram(this.#slots, slot, buckets)
  }

  series(): readonly SeriesDefinition[] {
    return [...this.#series.values()]
  }

  #find(metric: MetricName, labels: Labels, width: number): SeriesDefinition {
    const id = seriesId(metric, labels)
    const known = this.#series.get(id)
    if (known) return known
    const count = this.#countOf.get(metric) ?? 0
    if (!isOthers(labels)) {
      if (count === seriesMax) return this.#find(metric, others(labels), width)
      this.#countOf.set(metric, count + 1)
    }
    if (this.#next + width > this.#slots.length) {
      throw new MillraceError('MILLRACE_TELEMETRY_SERIES_LIMIT', {
        message: `no room for series ${id}: ${this.#slots.length} slots are taken`,
      })
    }
    const series = { metric, labels: coerced(labels), slot: this.#next }
    this.#next += width
    this.#series.set(id, series)
    this.#onSeries(series)
    return series
  }
}

export function definitionOf(metric: MetricName): MetricDefinition {
  return metricCatalogue[metric]
}

/** Identity of a series. Refuses labels that are not the catalogue's: each would be a new metric. */
export function seriesId(metric: MetricName, labels: Labels): string {
  const names = definitionOf(metric).labels
  const given = Object.keys(labels)
  if (given.length !== names.length || given.some((name) => !names.includes(name))) {
    throw new MillraceError('MILLRACE_TELEMETRY_LABELS', {
      message: `${metric} has the labels [${names.join(', ')}], not [${given.join(', ')}]`,
    })
  }
  return JSON.stringify([metric, ...names.map((name) => labelText(labels[name]))])
}

/** prom-client prints an array or object unescaped: a label value is text, whatever came in. */
function coerced(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels as { [label: string]: unknown }).map(([name, value]) => [
      name,
      labelText(value),
    ]),
  )
}

function labelText(value: unknown): string {
  const text = String(value)
  return (text.length > labelMax ? text.slice(0, labelMax) : text).toWellFormed()
}

function others(labels: Labels): Labels {
  return Object.fromEntries(Object.keys(labels).map((name) => [name, other]))
}

function isOthers(labels: Labels): boolean {
  return Object.values(labels).every((value) => value === other)
}

class SlotCell implements Cell {
  readonly #slots: Float64Array
  readonly #slot: number

  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots
    this.#slot = slot
  }

  add(amount: number): void {
    const before = this.#slots[this.#slot] as number
    this.#slots[this.#slot] = Number.isNaN(before) ? amount : before + amount
  }

  set(value: number): void {
    this.#slots[this.#slot] = value
  }

  clear(): void {
    this.#slots[this.#slot] = Number.NaN
  }

  get value(): number {
    return this.#slots[this.#slot] as number
  }
}

class SlotHistogram implements HistogramCell {
  readonly #slots: Float64Array
  readonly #slot: number
  readonly #buckets: readonly number[]

  constructor(slots: Float64Array, slot: number, buckets: readonly number[]) {
    this.#slots = slots
    this.#slot = slot
    this.#buckets = buckets
  }

  observe(value: number, times = 1): void {
    const found = this.#buckets.findIndex((bound) => value <= bound)
    const bucket = found === -1 ? this.#buckets.length : found
    this.#slots[this.#slot + bucket] = (this.#slots[this.#slot + bucket] as number) + times
    const sum = this.#slot + this.#buckets.length + 1
    this.#slots[sum] = (this.#slots[sum] as number) + value * times
  }
}
