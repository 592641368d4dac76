import { readFileSync } from 'node:fs'
import { type Config, parseConfig } from '@millrace/config'
import {
  type Cluster,
  connectionOptions,
  createCluster,
  createKafkajsTransport,
} from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import { loadTopology, type Topology, withCanary } from '@millrace/topology'
import type { Terminal } from './command.ts'

type KeyName = keyof Config

/** The settings of the application that a command is about: its own env file. */
export function settingsOf(
  { env }: Terminal,
  notNeeded: readonly KeyName[] = ['topology'],
): Config {
  return parseConfig(env, (path) => readFileSync(path, 'utf8'), { notNeeded })
}

/** The settings and the topology that the processors run; `path` stands in for `MILLRACE_TOPOLOGY`. */
export async function applicationOf(
  terminal: Terminal,
  path: string | undefined,
  notNeeded: readonly KeyName[] = [],
): Promise<{ readonly config: Config; readonly topology: Topology }> {
  const given = path === undefined ? {} : { MILLRACE_TOPOLOGY: path }
  const config = settingsOf({ ...terminal, env: { ...terminal.env, ...given } }, notNeeded)
  const topology = await loadTopology(config.topology)
  const isWatched = config.canaryInterval !== null
  return { config, topology: isWatched ? withCanary(topology, config.applicationId) : topology }
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
