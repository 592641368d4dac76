import type { StreamTask } from '@millrace/runtime'
import type { Evidence } from '../evidence.ts'
import { rowValueAt } from '../row-format.ts'
import { both, type Checker } from './checker.ts'

/** A running task's stream time never goes back; exactly once, neither does the one it committed. */
export const timeNeverBack: Checker = {
  name: 'time-never-back',
  guarantees: both,
  start() {
    const reached = new WeakMap<StreamTask, number>()
    const found: string[] = []
    return {
      watch({ machines }: Evidence) {
        for (const { process } of machines) {
          for (const task of process?.isAlive ? process.worker.tasks() : []) {
            const { streamTimeMs } = task.time
            const before = reached.get(task) ?? -1
            if (streamTimeMs < before) {
              found.push(`${process?.name}, task ${task.name}: ${streamTimeMs} after ${before}`)
            }
            reached.set(task, streamTimeMs)
          }
        }
      },
      differences: (it) => (it.guarantee === 'exactly_once' ? [...found, ...committed(it)] : found),
    }
  },
}

/** What a task without local state goes on from: the times in its changelogs. */
function* committed({ cluster }: Evidence): Iterable<string> {
  const highest = new Map<string, number>()
  for (const topic of cluster.topics().filter((name) => name.endsWith('-changelog'))) {
    for (const { partition, offset, key, value } of cluster.readAll(topic)) {
      const isTime = key?.[0] === 0 && key.subarray(1).toString() === 'stream-time'
      if (!isTime || value === null) continue
      const place = `${topic}-${partition}`
      const timeMs = value.readDoubleBE(rowValueAt)
      const before = highest.get(place) ?? -1
      if (timeMs < before) yield `${place}, offset ${offset}: ${timeMs} after ${before}`
      highest.set(place, Math.max(before, timeMs))
    }
  }
}
