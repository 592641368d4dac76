import type { Cluster } from '@millrace/kafka'
import type { StateBackend } from '@millrace/store'
import type { Clock } from '@millrace/time'
import { type Plan, planOf, type Topology } from '@millrace/topology'
import { readLatest } from '../internal-topics/read-latest.ts'
import { planTopic } from '../internal-topics/topic-names.ts'

const planKey = Buffer.from('plan')

/** The plans that ran last; null where none was kept. */
export interface KeptPlans {
  /** Of this process, beside its state: what that state fits. */
  readonly onDisk: Plan | null
  /** Of any process, in `<application>-plan`: what the changelogs fit. */
  readonly inCluster: Plan | null
}

export async function readPlans(
  lock: StateBackend,
  cluster: Cluster,
  applicationId: string,
): Promise<KeptPlans> {
  const latest = await readLatest(cluster, planTopic(applicationId))
  return {
    onDisk: parsed(lock.getSync(planKey)),
    inCluster: parsed(latest.get(planKey.toString())),
  }
}

interface PlanOwner {
  readonly applicationId: string
  readonly topology: Topology
  readonly clock: Clock
}

/** Keeps the plan for the next start, in both places; `kept` is what `readPlans` has found. */
export async function keepPlans(
  lock: StateBackend,
  cluster: Cluster,
  { applicationId, topology, clock }: PlanOwner,
  { inCluster }: KeptPlans,
): Promise<void> {
  const text = JSON.stringify(planOf(topology))
  if (keepsAnything(topology) && text !== JSON.stringify(inCluster)) {
    const producer = cluster.producer({})
    try {
      producer.append(planTopic(applicationId), 0, planKey, Buffer.from(text), clock.nowMs(), [])
      await producer.flush()
    } finally {
      await producer.close()
    }
  }
  await lock.write([{ key: planKey, value: Buffer.from(text) }])
}

/** Without a store or a repartition there is nothing that a changed plan could misread, and no topic. */
function keepsAnything({ stores, repartitions }: Topology): boolean {
  return stores.size > 0 || repartitions.size > 0
}

function parsed(bytes: Buffer | undefined): Plan | null {
  return bytes === undefined ? null : (JSON.parse(bytes.toString('utf8')) as Plan)
}
