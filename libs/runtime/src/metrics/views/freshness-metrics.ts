import type { Cell, Counters } from '@millrace/telemetry'
import type { Topology } from '@millrace/topology'
import type { TaskDefinition } from '../../assignment/task-definition.ts'
import type { StreamTask } from '../../task/stream-task.ts'
import { type WatchedView, watchedViews } from './watched-view.ts'

/** What a worker sees of one view; in milliseconds. */
interface Sight {
  /** By the clock: all input up to here is in results, of every task that they go through. */
  throughMs: number
  /** Event time that results are out for; Infinity where no task of the view has any. */
  watermarkMs: number
  /** What windows wait. */
  byDesignMs: number
  inheritedMs: number
}

/**
 * How old the results are that readers see, and how much of it is the application's own doing
 * (Materialize tells local from inherited delay). The own part is measured by the clock and by offsets, see
 * `InputFrontier`: event times alone would call every idle or old stream late.
 */
export class FreshnessMetrics {
  readonly #views: readonly WatchedView[]
  readonly #counters: Counters
  readonly #lane: string
  /**
   * By task name: where it was when last seen, or since when it is opening. A task that starts again and
   * again, or restores, does not begin afresh.
   */
  #seenThroughMs = new Map<string, number>()

  constructor(topology: Topology, counters: Counters, lane: 'live' | 'replay') {
    this.#views = watchedViews(topology)
    this.#counters = counters
    this.#lane = lane
  }

  publish(tasks: readonly StreamTask[], opening: readonly TaskDefinition[], nowMs: number): void {
    const before = this.#seenThroughMs
    this.#seenThroughMs = new Map([
      ...opening.map(({ name }) => [name, before.get(name) ?? nowMs] as const),
      ...tasks.map((task) => [task.name, throughMs(task, before)] as const),
    ])
    const definitions = [...tasks.map(({ definition }) => definition), ...opening]
    for (const watched of this.#views) {
      const feeding = definitions.filter(({ id }) => watched.feeders.has(id.subTopology))
      if (feeding.length === 0) this.#clear(watched)
      else this.#show(watched, this.#sight(watched, feeding, tasks))
    }
  }

  #sight(watched: WatchedView, feeding: readonly TaskDefinition[], tasks: readonly StreamTask[]) {
    const sight: Sight = {
      throughMs: Math.min(...feeding.map(({ name }) => this.#seenThroughMs.get(name) as number)),
      watermarkMs: Number.POSITIVE_INFINITY,
      byDesignMs: 0,
      inheritedMs: 0,
    }
    for (const task of tasks) {
      const { streamTimeMs } = task.frontier
      if (task.definition.id.subTopology !== watched.keeper || streamTimeMs < 0) continue
      const watermarkMs = watched.view.resultsThroughMs(streamTimeMs)
      const inputMs = this.#seenThroughMs.get(task.name) as number
      sight.watermarkMs = Math.min(sight.watermarkMs, watermarkMs)
      sight.byDesignMs = Math.max(sight.byDesignMs, streamTimeMs - watermarkMs)
      sight.inheritedMs = Math.max(sight.inheritedMs, inputMs - streamTimeMs)
    }
    return sight
  }

  #show(watched: WatchedView, sight: Sight): void {
    const { local, inherited, watermark, target, objective } = this.#cells(watched)
    local.set((sight.throughMs - sight.byDesignMs) / 1000)
    if (Number.isFinite(sight.watermarkMs)) {
      watermark.set(sight.watermarkMs / 1000)
      inherited.set(sight.inheritedMs / 1000)
    } else for (const cell of [watermark, inherited]) cell.clear()
    const { freshness } = watched.view
    if (freshness === undefined) return
    target?.set(freshness.targetMs / 1000)
    objective?.set(freshness.objective)
  }

  /** Its tasks are elsewhere now: nothing may stay at its last value. */
  #clear(watched: WatchedView): void {
    const { local, inherited, watermark, target, objective } = this.#cells(watched)
    for (const cell of [local, inherited, watermark, target, objective]) cell?.clear()
  }

  #cells({ view: { name, freshness } }: WatchedView) {
    const labels = { view: name, lane: this.#lane }
    const hasTarget = freshness !== undefined
    const promised = (metric: Parameters<Counters['cell']>[0]): Cell | undefined =>
      hasTarget ? this.#counters.cell(metric, { view: name }) : undefined
    return {
      local: this.#counters.cell('millrace_freshness_local_seconds', labels),
      inherited: this.#counters.cell('millrace_freshness_inherited_seconds', labels),
      watermark: this.#counters.cell('millrace_result_watermark_timestamp_seconds', labels),
      target: promised('millrace_freshness_target_seconds'),
      objective: promised('millrace_freshness_objective_ratio'),
    }
  }
}

/** Until a task has caught up once, the moment it was opened is a guess: what came before counts. */
function throughMs({ name, frontier }: StreamTask, before: ReadonlyMap<string, number>): number {
  const known = before.get(name)
  return known === undefined || frontier.hasCaughtUp
    ? frontier.throughMs
    : Math.min(known, frontier.throughMs)
}
