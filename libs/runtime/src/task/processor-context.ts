import { assert } from '@millrace/errors'
import type { TaskState } from '@millrace/store'
import type { Clock } from '@millrace/time'
import type { ProcessorContext, TaskId } from '@millrace/topology'
import type { CallsAhead } from '../calls/calls-ahead.ts'
import type { GlobalTables } from '../global/global-tables.ts'
import type { StoredTimes } from '../time/stored-times.ts'
import type { TaskTime } from '../time/task-time.ts'
import type { CompiledNode } from './compiled-node.ts'
import type { Punctuations } from './punctuations.ts'

/** What of a task its operators may use. */
export interface ContextParts {
  readonly taskId: TaskId
  readonly state: TaskState | null
  readonly storedTimes: StoredTimes | null
  readonly globalTables: GlobalTables | null | undefined
  readonly time: TaskTime
  readonly clock: Clock
  readonly punctuations: Punctuations
  readonly calls: CallsAhead | null
}

/** The task as one of its operators sees it: what it did not declare is not there. */
export function processorContext(parts: ContextParts, operator: CompiledNode): ProcessorContext {
  const { taskId, globalTables, time, clock, punctuations, storedTimes, calls } = parts
  const { name: nodeName, node } = operator
  const state = (store: string): TaskState => {
    assert(
      parts.state && node.stores.includes(store),
      `operator ${nodeName} does not declare store ${store}`,
    )
    return parts.state
  }
  return {
    taskId,
    nodeName,
    store: (name) => state(name).store(name),
    time: (name) => {
      state(name)
      return (storedTimes as StoredTimes).of(name)
    },
    globalTable: (name) => {
      assert(
        globalTables && node.globalTables?.includes(name),
        `operator ${nodeName} does not declare global table ${name}`,
      )
      return globalTables.rows(name)
    },
    schedule: (schedule, punctuate) => {
      const nowMs = schedule.by === 'stream-time' ? time.streamTimeMs : clock.nowMs()
      return punctuations.add(schedule, nowMs, operator, punctuate)
    },
    answered(then) {
      assert(calls, `operator ${nodeName} makes no calls`)
      calls.answered(nodeName, then)
    },
    get streamTimeMs() {
      return time.streamTimeMs
    },
  }
}
