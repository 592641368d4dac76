import type { MetricName } from './catalogue.ts'

/** Label values of one series, by label name: those of the catalogue, all of them. */
export type Labels = Readonly<{ [label: string]: string }>

/** One series of a counter or gauge. A plain write to memory: safe on the hot path. */
export interface Cell {
  add(amount: number): void
  set(value: number): void
  /** Leaves the series out of the scrape until it is set again. */
  clear(): void
  readonly value: number
}

/** One series of a histogram. */
export interface HistogramCell {
  /** `times` equal values at once; default 1. */
  observe(value: number, times?: number): void
}

/**
 * Where the engine counts. The names and labels are those of the catalogue; asking twice for the
 * same series gives the same cell. In a service the cells lie in a buffer shared with the HTTP
 * thread, so that they are read while a worker is stuck.
 */
export interface Counters {
  cell(metric: MetricName, labels?: Labels): Cell
  histogram(metric: MetricName, labels?: Labels): HistogramCell
}
