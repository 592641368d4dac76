import type { Config } from '@millrace/config'
import { type Cluster, createCluster, createKafkajsTransport } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import { kafkaOptions } from './kafka-options.ts'

/** A client for what the main thread does beside the workers; its troubles are logged at level debug. */
export function mainThreadCluster(config: Config, part: string, logger: Logger): Cluster {
  const transport = createKafkajsTransport(
    kafkaOptions(config, part),
    (_level, message, details) => logger.debug(details, message),
    systemClock,
  )
  return createCluster({ transport, clock: systemClock, logger })
}
