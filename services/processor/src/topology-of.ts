import type { Config } from '@millrace/config'
import { loadTopology, type Topology, withCanary } from '@millrace/topology'

/** What the settings name, with a canary where they ask for one. */
export async function topologyOf({
  topology: path,
  applicationId,
  canaryInterval,
}: Config): Promise<Topology> {
  const topology = await loadTopology(path)
  return canaryInterval === null ? topology : withCanary(topology, applicationId)
}
