import type { Cluster } from '@millrace/kafka'
import type { StateBackend } from '@millrace/store'
import { fingerprint } from '@millrace/topology'
import { encodeMemberData } from '../assignment/member-data.ts'
import { createTaskAssignor } from '../assignment/task-assignor.ts'
import { tasksOf } from '../assignment/task-definition.ts'
import { TransactionalPeers } from '../assignment/transactional-peers.ts'
import { recover } from '../failure/recover.ts'
import { GlobalTables } from '../global/global-tables.ts'
import { type PreparedTopics, prepareTopics } from '../internal-topics/prepare-topics.ts'
import { sourceTopicsOf } from '../internal-topics/topic-names.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { keepPlans } from '../plan/kept-plans.ts'
import { settlePlan } from '../plan/settle-plan.ts'
import { TimePlan } from '../time/time-plan.ts'
import type { WorkerEnvironment } from './environment.ts'
import { groupListener } from './group-listener.ts'
import { backoffMs, pause } from './pause.ts'
import { prepareSerdes } from './prepare-serdes.ts'
import type { RequestQueue } from './request-queue.ts'
import { guaranteeOf, type StreamWorkerOptions } from './worker-options.ts'
import type { WorkerStateMachine } from './worker-state.ts'

export interface StartupParts {
  readonly options: StreamWorkerOptions
  readonly state: WorkerStateMachine
  readonly requests: RequestQueue
  readonly metrics: WorkerMetrics
  readonly clusters: WorkerEnvironment['clusters']
  /** The process' own backend, which is its lock. */
  readonly lock: StateBackend
  isStopAsked(): boolean
}

/**
 * Everything before the loop: a broker, the topics, the plan; null where a stop was asked for
 * meanwhile. A broker that is not there is waited for: the process lives and is not ready.
 */
export async function startUp(parts: StartupParts): Promise<WorkerEnvironment | null> {
  const { options, state, requests, metrics, clusters } = parts
  const topics = await untilItPasses(parts, () => prepare(parts))
  if (topics === null) return null
  await untilItPasses(parts, () => prepareSerdes(parts.options.topology))
  const { topology, applicationId } = options
  const globalTables = await untilItPasses(parts, () => openGlobalTables(parts))
  const tasks = tasksOf(topology, applicationId, topics.partitionCounts)
  const onDisk = new Set(await options.backends.list())
  const tasksOnDisk = new Set(tasks.map(({ name }) => name).filter((name) => onDisk.has(name)))
  metrics.expected(tasks.length)
  const peers = new TransactionalPeers()
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000
  const member = clusters.group.groupMember({
    groupId: applicationId,
    groupInstanceId: options.groupInstanceId,
    topics: [
      ...new Set(topology.subTopologies.flatMap((sub) => sourceTopicsOf(applicationId, sub))),
    ],
    assignor: createTaskAssignor(topology, applicationId),
    listener: groupListener(requests),
    userData: memberData(options, tasksOnDisk, peers),
    sessionTimeoutMs,
    // Members learn of a rebalance by their next heartbeat: it is a part of every take-over.
    heartbeatIntervalMs: Math.min(sessionTimeoutMs / 10, 3_000),
  })
  return {
    options,
    state,
    requests,
    metrics,
    clusters,
    topics,
    tasks,
    globalTables,
    timePlan: new TimePlan(topology, applicationId, topics.partitionCounts),
    fingerprint: fingerprint(topology),
    member,
    tasksOnDisk,
    peers,
  }
}

async function prepare(parts: StartupParts): Promise<PreparedTopics> {
  const { options, clusters, lock } = parts
  for (const cluster of clustersOf(clusters)) await cluster.connect()
  const cluster = clusters.produce
  const kept = await settlePlan({ ...parts, cluster })
  const topics = await prepareTopics(cluster, options, options.logger)
  await keepPlans(lock, cluster, options, kept)
  return topics
}

function openGlobalTables({ options, clusters }: StartupParts): Promise<GlobalTables | null> {
  const { global } = clusters
  if (global === undefined) return Promise.resolve(null)
  const { thread = 0, cacheRowsMax = 100_000 } = options
  return GlobalTables.open({ ...options, cluster: global, thread, cacheRowsMax })
}

/** Repeats with a back-off what fails for a passing reason; null when a stop is asked for. */
async function untilItPasses<T>(parts: StartupParts, attempt: () => Promise<T>): Promise<T | null> {
  const { clock, logger } = parts.options
  const end = (error: unknown): never => {
    throw error
  }
  for (let failures = 1; !parts.isStopAsked(); failures++) {
    try {
      return await attempt()
    } catch (error) {
      recover<void>(error, {
        retry: () => logger.warn({ err: error, attempt: failures }, 'waiting for a broker'),
        rejoin: end,
        'restore-task': end,
        'dead-letter': end,
        skip: end,
        stop: end,
      })
      await pause(clock, backoffMs(failures))
    }
  }
  return null
}

/** Asked for at each join. */
function memberData(
  options: StreamWorkerOptions,
  tasksOnDisk: ReadonlySet<string>,
  peers: TransactionalPeers,
): () => Buffer {
  const { processId, host = '', thread = 0, applicationId } = options
  const isTransactional = guaranteeOf(options) === 'exactly_once'
  return () =>
    encodeMemberData({
      processId,
      host,
      thread,
      tasksOnDisk: [...tasksOnDisk],
      transactionalId: isTransactional ? `${applicationId}-${processId}-${thread}` : null,
      knownTransactionalIds: peers.known,
    })
}

export function clustersOf(clusters: WorkerEnvironment['clusters']): readonly Cluster[] {
  const { group, fetch, produce, restore, global } = clusters
  return [group, fetch, produce, restore, ...(global === undefined ? [] : [global])]
}
