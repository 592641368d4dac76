import { readFileSync } from 'node:fs'
import type { Config } from '@millrace/config'
import { connectionOptions, type KafkaConnectionOptions } from '@millrace/kafka'

/** How a part of the process reaches the brokers, from the settings; reads the certificate files. */
export function kafkaOptions(config: Config, part: number | string): KafkaConnectionOptions {
  const clientId = `${config.applicationId}-${part}`
  return connectionOptions(config, clientId, (path) => readFileSync(path, 'utf8'))
}
