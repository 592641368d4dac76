import type { Cluster, Producer } from '@millrace/kafka'
import {
  type GlobalTables,
  MarkedRecords,
  markDecided,
  type PreparedTopics,
  prepareTopics,
  RecordCollector,
  Restorer,
  readDecisions,
  readStartOffsets,
  restoreState,
  type StartOffsets,
  StreamTask,
  type TaskDefinition,
  TimePlan,
  tasksOf,
} from '@millrace/runtime'
import { systemClock } from '@millrace/time'
import { fingerprint } from '@millrace/topology'
import type { ApplicationRunOptions } from './application-run.ts'

export interface OpenTasksOptions extends ApplicationRunOptions {
  readonly client: Cluster
  readonly producer: Producer
  readonly globalTables: GlobalTables | null
}

export const silentLogger: Parameters<typeof prepareTopics>[2] = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}

/** Every task of the topology, its state restored to the committed offsets, ready to process. */
export async function openTasks(options: OpenTasksOptions): Promise<readonly StreamTask[]> {
  const { client, clock, topology, settings, producer, marked, refusals } = options
  const { applicationId, deadLetterTopic, policies } = settings
  const topics = await prepareTopics(
    client,
    { topology, applicationId, deadLetterTopic },
    silentLogger,
  )
  const { partitionCounts } = topics
  const definitions = tasksOf(topology, applicationId, partitionCounts)
  const offsets = await readStartOffsets(client, applicationId, definitions, 'earliest')
  const decisions = await readDecisions(client, applicationId, definitions, offsets.start)
  const shared = {
    topology,
    applicationId,
    deadLetterTopic,
    collector: new RecordCollector({
      producer,
      partitionCounts,
      topicConfigs: topics.configs,
      refusals,
    }),
    timePlan: new TimePlan(topology, applicationId, partitionCounts),
    clock,
    // Whoever is called lives outside of the virtual time.
    callClock: systemClock,
    globalTables: options.globalTables,
    policies,
    startOffsets: offsets.start,
    sourceNotes: offsets.sourceNotes,
    // The clock stands still between two commits: each tells how far time is.
    markerIntervalMs: 0,
    idleOutAfterMs: settings.idleOutAfterMs,
  }
  const tasks: StreamTask[] = []
  try {
    for (const definition of definitions) {
      const opened = await openState(options, definition, offsets, topics)
      const marks = marked.get(definition.name) ?? new MarkedRecords()
      marked.set(definition.name, marks)
      markDecided(marks, decisions.get(definition.name) ?? [])
      tasks.push(new StreamTask({ ...shared, definition, ...opened, marked: marks }))
    }
  } catch (error) {
    for (const task of tasks) await task.close()
    throw error
  }
  return tasks
}

async function openState(
  { client, clock, topology, settings }: OpenTasksOptions,
  definition: TaskDefinition,
  offsets: StartOffsets,
  { deleteRetentionMs }: PreparedTopics,
) {
  const stores = definition.subTopology.stores.flatMap((name) => topology.stores.get(name) ?? [])
  if (stores.length === 0) return { state: null, position: { sourceIndex: 0, offset: -1 } }
  // One for each task: a fetch that waits for more of the last one would hold up the next, and
  // virtual time does not end the wait.
  const restorer = new Restorer({ cluster: client, clock })
  try {
    return await restoreState(definition, offsets, {
      cluster: client,
      restorer,
      clock,
      stores,
      deleteRetentionMs,
      backends: settings.backends,
      applicationId: settings.applicationId,
      fingerprint: fingerprint(topology),
      cacheRowsMax: 100_000,
      logger: silentLogger,
    })
  } finally {
    await restorer.close()
  }
}
