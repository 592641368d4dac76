import { failurePolicies } from '../../failure/failure-policies.ts'
import type { MarkedRecords } from '../../failure/marked-records.ts'
import { decisionsTopic } from '../../internal-topics/topic-names.ts'
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
    onFailure: metrics,
    logger: options.logger,
    whereabouts: options.whereabouts,
    deadLetterTopic: options.deadLetterTopic,
    maxTaskIdleMs: options.maxTaskIdleMs,
    idleOutAfterMs: options.idleOutAfterMs,
  })
}

/** Writes what a task decided by the clock to the decision log, with the commit under way. */
export function logDecisions(
  environment: WorkerEnvironment,
  collector: RecordCollector,
  task: StreamTask,
): void {
  const { options } = environment
  for (const decision of task.idleWatch.takeDecisions()) {
    const atMs = options.clock.nowMs()
    options.logger.info({ task: task.name, ...decision }, 'a silent task is no longer waited for')
    const topic = decisionsTopic(options.applicationId)
    const value = Buffer.from(JSON.stringify({ version: 1, ...decision, atMs }))
    const { partition } = task.definition.id
    collector.producer.append(topic, partition, Buffer.from(task.name), value, atMs, [])
  }
}
