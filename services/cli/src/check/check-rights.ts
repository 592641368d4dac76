import type { Config } from '@millrace/config'
import type { Cluster } from '@millrace/kafka'
import type { Topology } from '@millrace/topology'
import { aclCommand, neededRights, type Right } from '../rights/needed-rights.ts'
import { attempt, type Finding, fault, ok, warning } from './finding.ts'

/**
 * The rights of `acl` against what the cluster says. Those on topics are told with the metadata
 * (KIP-430), the one on the group is tried; the one on transactional ids cannot be seen without
 * beginning a transaction, and is left to the first start.
 */
export async function checkRights(
  cluster: Cluster,
  config: Config,
  topology: Topology,
): Promise<readonly Finding[]> {
  const rights = neededRights(config, topology)
  const bootstrap = config.brokers.join(',')
  const principal = `User:${config.saslUsername ?? config.applicationId}`
  const topics = rights.filter(({ resource }) => resource === 'topic')
  const made = await cluster.metadata(topics.map(({ name }) => name))
  const findings: Finding[] = []
  for (const right of topics.filter(({ name }) => made.has(name))) {
    const allowed = await cluster.admin.topicOperations(right.name)
    findings.push(...judge(right, allowed, (missing) => aclCommand(missing, principal, bootstrap)))
  }
  const { applicationId } = config
  const group = await attempt('rights', async () => {
    const { state, memberCount } = await cluster.admin.describeGroup(applicationId)
    return [ok('rights', `group ${applicationId} is ${state} with ${memberCount} members`)]
  })
  return [...findings, ...group]
}

function judge(
  right: Right,
  allowed: ReadonlySet<string> | null,
  commandFor: (right: Right) => string,
): Finding[] {
  const { name } = right
  if (allowed === null) {
    const remedy = 'Look at the rules of the cluster with kafka-acls.sh --list.'
    return [warning('rights', `the cluster does not say what may be done with ${name}`, remedy)]
  }
  // It is there: that it might be created is not needed.
  const operations = right.operations.filter((each) => each !== 'Create' && !allowed.has(each))
  if (operations.length === 0) return [ok('rights', `${name} may be used as ${right.why}`)]
  const message = `no ${operations.join(', ')} on topic ${name} (${right.why})`
  return [fault('rights', message, `Grant it: ${commandFor({ ...right, operations })}`)]
}
