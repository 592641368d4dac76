import type { RecordQueue } from '../task/record-queue.ts'

/** Where a task stands in its partitions. */
export interface TaskInput {
  /** Records up to the ends of the logs, over all partitions. */
  readonly backlogRecords: number
  /**
   * Records up to the start of the log, of the partition that is nearest to it: 0 with a backlog means
   * that the broker deletes what was never read. Null before the first answer of a broker.
   */
  readonly headroomRecords: number | null
  /** Smallest event time of the partitions' next records; null where none waits in memory. */
  readonly oldestMs: number | null
}

type Queue = Pick<
  RecordQueue,
  'highWatermark' | 'logStartOffset' | 'position' | 'hasHead' | 'headTimestampMs'
>

/** As of what the brokers answered last. The oldest and the nearest: a mean would hide one partition. */
export function taskInput(queues: readonly Queue[]): TaskInput {
  const heads = queues.filter((queue) => queue.hasHead && queue.headTimestampMs >= 0)
  const answered = queues.filter((queue) => queue.logStartOffset >= 0)
  return {
    backlogRecords: queues.reduce(
      (sum, { highWatermark, position }) => sum + Math.max(0, highWatermark - position),
      0,
    ),
    headroomRecords: smallest(
      answered.map(({ position, logStartOffset }) => Math.max(0, position - logStartOffset)),
    ),
    oldestMs: smallest(heads.map(({ headTimestampMs }) => headTimestampMs)),
  }
}

function smallest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values)
}
