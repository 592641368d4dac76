import type { Producer } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import { decisionsTopic } from '../internal-topics/topic-names.ts'
import type { Decision, Decisions } from './decisions.ts'

export interface DecisionLogOptions {
  readonly applicationId: string
  readonly clock: Clock
  readonly logger: Logger
}

const messages: { readonly [K in Decision['kind']]: string } = {
  'idle-out': 'a silent task is no longer waited for',
  'own-idle-out': 'silent sources are no longer waited for',
  'idle-advance': 'time goes on while the sources are silent',
  ahead: 'a record ahead of the clock is set aside',
}

/** Writes what a task decided by the clock to the decision log, with the commit under way. */
export function logDecisions(
  { applicationId, clock, logger }: DecisionLogOptions,
  producer: Producer,
  task: { readonly definition: TaskDefinition; readonly decisions: Decisions },
): void {
  const { name, id } = task.definition
  for (const decision of task.decisions.take()) {
    const atMs = clock.nowMs()
    logger.info({ task: name, ...decision }, messages[decision.kind])
    const value = Buffer.from(JSON.stringify({ version: 1, ...decision, atMs }))
    const topic = decisionsTopic(applicationId)
    producer.append(topic, id.partition, Buffer.from(name), value, atMs, [])
  }
}

/** Null for what is of another version, or no decision: it tells nothing to this one. */
export function decodeDecision(value: Buffer): Decision | null {
  try {
    const { version, ...decision } = JSON.parse(value.toString()) as Decision & { version: number }
    const isKnown = version === 1 && decision.kind in messages && Array.isArray(decision.positions)
    return isKnown ? decision : null
  } catch {
    return null
  }
}
