import type { StreamTask } from '@millrace/runtime'
import type { DropReason } from '@millrace/topology'

/** Records left out, by operator and reason: `{ 'delays-15m': { 'null-key': 1 } }`. */
export type DroppedCounts = {
  readonly [operator: string]: { readonly [R in DropReason]?: number }
}

/** Records too late, by operator, once for each window: `{ 'delays-15m': 2 }`. */
export type LateCounts = { readonly [operator: string]: number }

/** What the runs of an application left out, those that have ended included. */
export class Counts {
  readonly #dropped = new Map<string, Map<DropReason, number>>()
  readonly #late = new Map<string, number>()

  /** Takes in what the tasks of a run counted, once. */
  take(tasks: readonly StreamTask[]): this {
    for (const task of tasks) {
      for (const queue of task.queues) {
        this.#drop(queue.node.name, 'negative-timestamp', queue.left.dropped)
      }
      for (const { name, droppedCounts, lateCount } of task.compiled.operators) {
        for (const [reason, count] of Object.entries(droppedCounts)) {
          this.#drop(name, reason as DropReason, count)
        }
        if (lateCount > 0) this.#late.set(name, (this.#late.get(name) ?? 0) + lateCount)
      }
    }
    return this
  }

  copy(): Counts {
    const copy = new Counts()
    for (const [name, reasons] of this.#dropped) copy.#dropped.set(name, new Map(reasons))
    for (const [name, count] of this.#late) copy.#late.set(name, count)
    return copy
  }

  dropped(): DroppedCounts {
    return Object.fromEntries(
      [...this.#dropped].map(([name, reasons]) => [name, Object.fromEntries(reasons)]),
    )
  }

  late(): LateCounts {
    return Object.fromEntries(this.#late)
  }

  #drop(operator: string, reason: DropReason, count: number): void {
    if (count === 0) return
    const reasons = this.#dropped.get(operator) ?? new Map<DropReason, number>()
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    this.#dropped.set(operator, reasons)
  }
}
