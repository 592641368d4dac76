import { createCluster } from '@millrace/kafka'
import {
  AtLeastOnce,
  Committer,
  externalTopicsOf,
  memoryBackends,
  planTopics,
  RecordCollector,
  Restorer,
  readStartOffsets,
  restoreState,
  StreamTask,
  TimePlan,
  tasksOf,
} from '@millrace/runtime'
import { SimulatedCluster, VirtualClock } from '@millrace/simulation'
import { silentLogger } from '@millrace/telemetry'
import { fingerprint, type Topology } from '@millrace/topology'

export interface LoneTaskOptions {
  readonly topology: Topology
  readonly maxTaskIdleMs?: number
  readonly simulated?: SimulatedCluster
  readonly clock?: VirtualClock
  readonly backends?: ReturnType<typeof memoryBackends>
}

/**
 * The first task of a topology whose topics have one partition: no group and no loop, so that a
 * test says what is fetched and when the next record is processed.
 */
export async function openLoneTask(options: LoneTaskOptions) {
  const { topology, maxTaskIdleMs, backends = memoryBackends() } = options
  const clock = options.clock ?? new VirtualClock()
  const simulated = options.simulated ?? simulatedTopics(topology, clock)
  const cluster = createCluster({ transport: simulated.transport(), clock })
  const names = { topology, applicationId: 'app' }
  const external = new Map(externalTopicsOf(names).map((topic) => [topic, 1]))
  const { partitionCounts, internal } = planTopics(names, external)
  const known = new Set(simulated.topics())
  for (const { topic } of internal) if (!known.has(topic)) simulated.createTopic(topic)
  const [definition] = tasksOf(topology, 'app', partitionCounts)
  if (definition === undefined) throw new Error('the topology has no task')
  const offsets = await clock.run(readStartOffsets(cluster, 'app', [definition], 'earliest'))
  const stores = [...topology.stores.values()]
  const opened =
    stores.length === 0
      ? { state: null, position: { sourceIndex: 0, offset: -1 } }
      : await clock.run(
          restoreState(definition, offsets, {
            ...names,
            backends,
            cluster,
            restorer: new Restorer({ cluster, clock }),
            clock,
            stores,
            fingerprint: fingerprint(topology),
            cacheRowsMax: 1_000,
            deleteRetentionMs: new Map(),
            logger: silentLogger,
          }),
        )
  const producer = cluster.producer({})
  const task = new StreamTask({
    ...names,
    ...opened,
    definition,
    collector: new RecordCollector({ producer, partitionCounts }),
    timePlan: new TimePlan(topology, 'app', partitionCounts),
    clock,
    policies: { undecodable: 'stop', processing: 'stop', production: 'stop' },
    startOffsets: offsets.start,
    sourceNotes: offsets.sourceNotes,
    maxTaskIdleMs,
  })
  // No group: offsets are kept by the admin's way, as of a group without members.
  const delivery = new AtLeastOnce(producer, {
    commit: (committed) => cluster.admin.resetOffsets('app', committed),
  })
  const committer = new Committer({ applicationId: 'app', delivery, clock })
  const fetcher = cluster.fetcher({ isolation: 'read_committed' })
  fetcher.add(task.queues.map((queue) => ({ ...queue.source, offset: queue.position })))
  return { task, committer, fetcher, backends, clock, simulated }
}

export type LoneTask = Awaited<ReturnType<typeof openLoneTask>>

/** Brings what lies in the topics into the task's queues, and the news where nothing does. */
export async function fetchAll({ task, fetcher, clock, simulated }: LoneTask): Promise<void> {
  const isBehind = () =>
    task.queues.some(
      ({ source: { topic, partition }, lastStableOffset }) =>
        lastStableOffset < simulated.lastStableOffset(topic, partition),
    )
  do {
    for (const fetched of await clock.run(fetcher.poll(1_000))) task.addFetched(fetched)
  } while (isBehind())
}

function simulatedTopics(topology: Topology, clock: VirtualClock): SimulatedCluster {
  const simulated = new SimulatedCluster({ clock })
  for (const topic of externalTopicsOf({ topology, applicationId: 'app' })) {
    simulated.createTopic(topic)
  }
  return simulated
}
