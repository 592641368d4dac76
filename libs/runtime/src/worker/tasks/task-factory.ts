import { failurePolicies } from '../../failure/failure-policies.ts'
import type { MarkedRecords } from '../../failure/marked-records.ts'
import type { RecordCollector } from '../../output/record-collector.ts'
import { StreamTask } from '../../task/stream-task.ts'
import type { WorkerEnvironment } from '../environment.ts'
import type { OpenedTask } from './task-opener.ts'

/** The running task on an opened state. */
export function createTask(
  environment: WorkerEnvironment,
  collector: RecordCollector,
  opened: OpenedTask,
  marked: MarkedRecords,
  onReady: () => void,
): StreamTask {
  const { options, timePlan, globalTables, metrics } = environment
  return new StreamTask({
    ...opened,
    topology: options.topology,
    applicationId: options.applicationId,
    collector,
    timePlan,
    globalTables,
    clock: options.clock,
    policies: failurePolicies(options),
    marked,
    onReady,
    onFailure: metrics,
    logger: options.logger,
    whereabouts: options.whereabouts,
    deadLetterTopic: options.deadLetterTopic,
    maxTaskIdleMs: options.maxTaskIdleMs,
    idleOutAfterMs: options.idleOutAfterMs,
  })
}
