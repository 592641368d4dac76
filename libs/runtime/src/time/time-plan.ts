import type { SubTopology, Topology } from '@millrace/topology'
import { tasksOf } from '../assignment/task-definition.ts'
import { repartitionTopic } from '../internal-topics/topic-names.ts'
import type { UpstreamWriter } from './upstream-time.ts'

/**
 * Who writes what, from the plan: which tasks a sub-topology's time waits for, and which
 * repartitions carry time. Writer and reader decide alike because both read the same plan.
 */
export class TimePlan {
  readonly #topology: Topology
  readonly #applicationId: string
  readonly #partitionCounts: ReadonlyMap<string, number>

  /** `partitionCounts` by real topic name. */
  constructor(
    topology: Topology,
    applicationId: string,
    partitionCounts: ReadonlyMap<string, number>,
  ) {
    this.#topology = topology
    this.#applicationId = applicationId
    this.#partitionCounts = partitionCounts
  }

  /** Every task that writes what this sub-topology reads. */
  writersOf(sub: SubTopology): readonly UpstreamWriter[] {
    const tasks = tasksOf(this.#topology, this.#applicationId, this.#partitionCounts)
    const timed = sub.repartitionSources.filter((name) => this.#carriesTime(name))
    return timed.flatMap((name) =>
      tasks
        .filter((task) => task.subTopology.repartitionSinks.includes(name))
        .map((task) => ({ topic: repartitionTopic(this.#applicationId, name), taskId: task.id })),
    )
  }

  /** Whether this sub-topology's time is a minimum: one of its repartitions has several writers. */
  isShared(sub: SubTopology): boolean {
    const topics = this.writersOf(sub).map((writer) => writer.topic)
    return new Set(topics).size < topics.length
  }

  /** Whether records of this repartition carry the time of the task that wrote them. */
  isStamped(repartition: string): boolean {
    if (!this.#carriesTime(repartition)) return false
    return this.#topology.subTopologies.some(
      (sub) => sub.repartitionSources.includes(repartition) && this.isShared(sub),
    )
  }

  #carriesTime(repartition: string): boolean {
    return this.#topology.repartitions.get(repartition)?.isRoundTrip !== true
  }
}
