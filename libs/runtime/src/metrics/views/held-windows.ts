import type { Counters, Labels } from '@millrace/telemetry'
import { formatTaskId } from '@millrace/topology'
import { partitionKey } from '../../assignment/task-definition.ts'
import type { StreamTask } from '../../task/stream-task.ts'

interface Holder {
  readonly reason: 'idle' | 'behind' | 'paused' | 'upstream'
  readonly by: string
}

/**
 * Windows whose close is due by the event time that others have reached, and that one slow source
 * partition or upstream task holds open. On a wholly idle source nothing is held: nobody is further.
 * Others are the tasks of the same worker, or all that write a shared repartition.
 */
export class HeldWindows {
  readonly #counters: Counters
  readonly #lane: string
  #shown = new Map<string, Labels>()

  constructor(counters: Counters, lane: 'live' | 'replay') {
    this.#counters = counters
    this.#lane = lane
  }

  publish(tasks: readonly StreamTask[]): void {
    const before = this.#shown
    this.#shown = new Map()
    const held = new Map<string, number>()
    for (const task of tasks) this.#add(task, furthestMs(task, tasks), held)
    for (const [id, labels] of before) if (!held.has(id)) this.#cell(labels).set(0)
    for (const [id, count] of held) this.#cell(this.#shown.get(id) as Labels).set(count)
  }

  #add(task: StreamTask, furthestMs: number, held: Map<string, number>): void {
    if (furthestMs <= task.time.streamTimeMs) return
    const views = new Set(task.compiled.operators.map(({ node }) => node.view?.name))
    for (const [view, counts] of task.state?.counts() ?? []) {
      if (counts.window === null || !views.has(view)) continue
      const { sizeMs, graceMs } = counts.window
      const count = counts.openWindowsThrough(furthestMs - sizeMs - graceMs)
      if (count === 0) continue
      const labels = { view, lane: this.#lane, ...holderOf(task) }
      const id = JSON.stringify(labels)
      this.#shown.set(id, labels)
      held.set(id, (held.get(id) ?? 0) + count)
    }
  }

  #cell(labels: Labels) {
    return this.#counters.cell('millrace_windows_held', labels)
  }
}

function furthestMs(task: StreamTask, tasks: readonly StreamTask[]): number {
  const { upstream } = task.time
  if (upstream !== null) return upstream.largestMs
  const { subTopology } = task.definition.id
  return tasks
    .filter(({ definition }) => definition.id.subTopology === subTopology)
    .reduce((furthest, { time }) => Math.max(furthest, time.streamTimeMs), -1)
}

function holderOf(task: StreamTask): Holder {
  const writer = task.time.upstream?.slowestWriter
  if (writer != null && writer.topic !== '')
    return { reason: 'upstream', by: `${writer.topic} ${formatTaskId(writer.taskId)}` }
  const slowest = task.queues
    .filter(({ node }) => task.time.upstream === null || !node.isRepartition)
    .reduce((a, b) => (b.partitionTimeMs < a.partitionTimeMs ? b : a))
  const waits = slowest.isAtLogEnd ? 'idle' : 'behind'
  return { reason: slowest.isPaused ? 'paused' : waits, by: partitionKey(slowest.source) }
}
