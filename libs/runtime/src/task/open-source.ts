import { assert } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { Whereabouts } from '@millrace/telemetry'
import { partitionKey } from '../assignment/task-definition.ts'
import type { StoredTimes } from '../time/stored-times.ts'
import type { TaskTime } from '../time/task-time.ts'
import type { CompiledTask } from './compile-task.ts'
import { RecordIntake } from './record-intake.ts'
import { RecordQueue } from './record-queue.ts'
import type { Source } from './source-runner.ts'
import type { StreamTaskOptions } from './stream-task-options.ts'

/** What of its task a source is opened with. */
export interface SourceParts extends Omit<StreamTaskOptions, 'whereabouts'> {
  readonly compiled: CompiledTask
  readonly storedTimes: StoredTimes | null
  readonly time: TaskTime
  readonly whereabouts: Whereabouts
}

/** The queue of one source partition, at its start offset, and where its records go. */
export function openSource(
  options: SourceParts,
  source: TopicPartition,
  index: number,
): readonly [RecordQueue, Source] {
  const { startOffsets, topology, timePlan, definition } = options
  const { compiled, storedTimes, time, whereabouts } = options
  const runner = compiled.sources.get(source.topic)
  const node = topology.nodes.get(runner?.name ?? '')
  assert(runner && node?.kind === 'source', `no source node reads ${source.topic}`)
  const startOffset = startOffsets.get(partitionKey(source))
  assert(startOffset !== undefined, `${partitionKey(source)} has a start offset`)
  const { queueRecordsMax: capacityRecords, queueBytesMax: capacityBytes } = options
  const queue = new RecordQueue(
    { source, node, capacityRecords, capacityBytes, whereabouts },
    startOffset,
  )
  const note = options.sourceNotes?.get(partitionKey(source))
  queue.partitionTimeMs = storedTimes?.partitionTimes()[index] ?? note?.partitionTimeMs ?? -1
  queue.isLive = note?.isLive ?? null
  const { upstream } = time
  const carriesTime = node.isRepartition && timePlan.isShared(definition.subTopology)
  const intake = upstream !== null && carriesTime ? new RecordIntake(source.topic, upstream) : null
  return [queue, { index, runner, intake, markedOffset: Number.POSITIVE_INFINITY }]
}
