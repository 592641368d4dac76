import type { Cluster } from '@millrace/kafka'
import { partitionKey, type TaskDefinition } from '../assignment/task-definition.ts'
import { readPartition } from '../internal-topics/read-partition.ts'
import { decisionsTopic } from '../internal-topics/topic-names.ts'
import { partitionCountsOf } from '../internal-topics/topic-set.ts'
import { decodeDecision } from './decision-record.ts'
import type { Decision } from './decisions.ts'

/** More than the tasks of one partition number decide between two commits: a slice each. */
const recordsMax = 200_000

/**
 * What a task decided about input that it has not committed yet: at least once, the results of it
 * may be out, and the input is read again. Exactly-once such decisions went with the transaction.
 */
export async function readDecisions(
  cluster: Cluster,
  applicationId: string,
  tasks: readonly TaskDefinition[],
  start: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, readonly Decision[]>> {
  const topic = decisionsTopic(applicationId)
  const found = new Map<string, Decision[]>(tasks.map(({ name }) => [name, []]))
  const count = (await partitionCountsOf(cluster, [topic])).get(topic) ?? 0
  const partitions = new Set(tasks.map(({ id }) => id.partition).filter((each) => each < count))
  for (const partition of partitions) {
    await readPartition(cluster, { topic, partition }, recordsMax, (cursor) => {
      const decisions = found.get(String(cursor.key()))
      const value = cursor.value()
      const decision = decisions === undefined || value === null ? null : decodeDecision(value)
      const isAhead = ({ offset, ...at }: Decision['positions'][number]): boolean =>
        offset >= (start.get(partitionKey(at)) ?? 0)
      if (decision?.positions.some(isAhead)) decisions?.push(decision)
    })
  }
  return found
}
