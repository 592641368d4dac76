import type { Counters } from '@millrace/telemetry'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import type { StreamTask } from '../task/stream-task.ts'
import type { Lane, Lanes } from './lane.ts'

/** How many partitions of a thread have a series of their own; of the others there is none. */
const partitionsMax = 64

interface PartitionLabels {
  readonly topic: string
  readonly partition: string
  readonly lane: Lane
}

/** The assigned partitions: how far each is in coming up, and how far in event time. */
export class PhaseMetrics {
  readonly #counters: Counters
  readonly #lanes: Lanes
  #labelled = new Map<string, PartitionLabels>()

  constructor(counters: Counters, lanes: Lanes) {
    this.#counters = counters
    this.#lanes = lanes
  }

  publish(
    tasks: readonly StreamTask[],
    opening: readonly TaskDefinition[],
    isRestoring: (task: string) => boolean,
  ): void {
    const phases = { opening: 0, restoring: 0, running: 0, held: 0 }
    for (const { name, sources } of opening)
      phases[isRestoring(name) ? 'restoring' : 'opening'] += sources.length
    for (const { queues } of tasks)
      for (const { isPaused } of queues) phases[isPaused ? 'held' : 'running']++
    for (const [phase, count] of Object.entries(phases))
      this.#counters.cell('millrace_partition_phase', { phase }).set(count)
    this.#publishTimes(tasks)
  }

  #publishTimes(tasks: readonly StreamTask[]): void {
    const before = this.#labelled
    this.#labelled = new Map()
    const queues = tasks.flatMap((task) => task.queues)
    for (const { source, partitionTimeMs } of queues.slice(0, partitionsMax)) {
      if (partitionTimeMs < 0) continue
      const { topic, partition } = source
      const at = { topic, partition: String(partition), lane: this.#lanes.of(topic) }
      this.#labelled.set(`${at.topic} ${at.partition}`, at)
      this.#cell(at).set(partitionTimeMs / 1000)
    }
    for (const [key, at] of before) if (!this.#labelled.has(key)) this.#cell(at).clear()
  }

  #cell(at: PartitionLabels) {
    return this.#counters.cell('millrace_partition_stream_timestamp_seconds', { ...at })
  }
}
