import type { Config } from '@millrace/config'
import type { Counters, Logger } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import { mainThreadCluster } from '../main-thread-cluster.ts'
import { DeadLetterWatch } from './dead-letter-watch.ts'

/** Null where there is no topic for dead letters. */
export function startDeadLetterWatch(
  config: Config,
  counters: Counters,
  parent: Logger,
): DeadLetterWatch | null {
  const { applicationId, deadLetterTopic: topic } = config
  if (topic === null) return null
  const logger = parent.child({ purpose: 'dead letters' })
  const watch = new DeadLetterWatch({
    cluster: mainThreadCluster(config, 'dead-letters', logger),
    applicationId,
    topic,
    oldest: counters.cell('millrace_dead_letter_oldest_timestamp_seconds'),
    clock: systemClock,
    onTrouble: (error) => logger.debug({ error }, 'The dead letters cannot be looked at now'),
  })
  watch.start()
  return watch
}
