import { readFileSync } from 'node:fs'
import { type Config, parseConfig } from '@millrace/config'
import {
  type Cluster,
  connectionOptions,
  createCluster,
  createKafkajsTransport,
} from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import type { Terminal } from './command.ts'

/** The settings of the application that a command is about: its own env file. */
export function settingsOf({ env }: Terminal): Config {
  const read = (path: string): string => readFileSync(path, 'utf8')
  // The topology lies with the processor, not with who looks after it.
  return parseConfig(env, read, { notNeeded: ['topology'] })
}

/** Calls with a connected client, and closes it whatever comes. */
export async function withCluster<T>(
  config: Config,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const clientId = `${config.applicationId}-cli`
  const options = connectionOptions(config, clientId, (path) => readFileSync(path, 'utf8'))
  const transport = createKafkajsTransport(options, () => {}, systemClock)
  const cluster = createCluster({ transport, clock: systemClock })
  try {
    await cluster.connect()
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}
