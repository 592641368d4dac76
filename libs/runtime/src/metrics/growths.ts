import type { Cell, Counters, Labels } from '@millrace/telemetry'

type MetricName = Parameters<Counters['cell']>[0]

interface Growth {
  readonly cell: Cell
  published: number
}

/** Counters fed from totals that only grow: publishes what each grew by since the last time. */
export class Growths {
  readonly #counters: Counters
  readonly #series = new Map<string, Growth>()

  constructor(counters: Counters) {
    this.#counters = counters
  }

  publish(metric: MetricName, labels: Labels, total: number): void {
    const id = `${metric} ${Object.values(labels).join(' ')}`
    let growth = this.#series.get(id)
    if (growth === undefined) {
      growth = { cell: this.#counters.cell(metric, labels), published: 0 }
      this.#series.set(id, growth)
    }
    if (total === growth.published) return
    growth.cell.add(total - growth.published)
    growth.published = total
  }
}
