import { readFileSync } from 'node:fs'
import type { Config } from '@millrace/config'
import { connectionOptions, type KafkaConnectionOptions } from '@millrace/kafka'

/** How a worker thread reaches the brokers, from the settings; reads the certificate files. */
export function kafkaOptions(config: Config, thread: number): KafkaConnectionOptions {
  const clientId = `${config.applicationId}-${thread}`
  return connectionOptions(config, clientId, (path) => readFileSync(path, 'utf8'))
}
