import { randomUUID } from 'node:crypto'
import type { Config } from '@millrace/config'
import type { Counters, Logger } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import { mainThreadCluster } from '../main-thread-cluster.ts'
import { Canary } from './canary.ts'

/** Null where the settings ask for none. */
export function startCanary(config: Config, counters: Counters, parent: Logger): Canary | null {
  const { applicationId, canaryInterval: intervalMs } = config
  if (intervalMs === null) return null
  const logger = parent.child({ purpose: 'canary' })
  const canary = new Canary({
    applicationId,
    runId: randomUUID(),
    intervalMs,
    cluster: mainThreadCluster(config, 'canary', logger),
    counters,
    clock: systemClock,
    // The workers say so themselves, and the metrics that no echo came.
    onTrouble: (error) => logger.debug({ error }, 'The canary tries again'),
  })
  canary.start()
  return canary
}
