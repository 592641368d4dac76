import { topology } from '@millrace/dsl'
import { createCluster } from '@millrace/kafka'
import { string } from '@millrace/record'
import {
  AtLeastOnce,
  Committer,
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
import { fingerprint } from '@millrace/topology'
import { expect, test } from 'vitest'

const counting = topology((t) => {
  t.stream('in', { key: string, value: string }).groupByKey().count({ name: 'counts' }).to('out')
})

/** What a test driver does: one task, a commit after each record, no group and no loop. */
async function open(simulated: SimulatedCluster, clock: VirtualClock, backends = memoryBackends()) {
  const cluster = createCluster({ transport: simulated.transport(), clock })
  const names = { topology: counting, applicationId: 'app' }
  const { partitionCounts } = planTopics(
    names,
    new Map([
      ['in', 1],
      ['out', 1],
    ]),
  )
  const [definition] = tasksOf(counting, 'app', partitionCounts)
  if (definition === undefined) throw new Error('there is a task')
  const offsets = await readStartOffsets(cluster, 'app', [definition], 'earliest')
  const restorer = new Restorer({ cluster, clock })
  const opened = await restoreState(definition, offsets, {
    ...names,
    backends,
    cluster,
    restorer,
    clock,
    stores: [...counting.stores.values()],
    fingerprint: fingerprint(counting),
    cacheRowsMax: 1_000,
    deleteRetentionMs: new Map(),
    logger: silentLogger,
  })
  const producer = cluster.producer({})
  const task = new StreamTask({
    ...names,
    ...opened,
    definition,
    collector: new RecordCollector({ producer, partitionCounts }),
    timePlan: new TimePlan(counting, 'app', partitionCounts),
    clock,
    policies: { undecodable: 'stop', processing: 'stop', production: 'stop' },
    startOffsets: offsets.start,
  })
  // No group: offsets are kept by the admin's way, as of a group without members.
  const delivery = new AtLeastOnce(producer, {
    commit: (committed) => cluster.admin.resetOffsets('app', committed),
  })
  const committer = new Committer({ applicationId: 'app', delivery, clock })
  const fetcher = cluster.fetcher({ isolation: 'read_committed' })
  fetcher.add(task.queues.map((queue) => ({ ...queue.source, offset: queue.position })))
  return { task, committer, fetcher, backends }
}

test('a task is driven record by record, and resumed from its disk, without a worker', async () => {
  const clock = new VirtualClock()
  const simulated = new SimulatedCluster({ clock })
  for (const topic of ['in', 'out', 'app-counts-changelog']) simulated.createTopic(topic)
  const first = await clock.run(open(simulated, clock))

  const pipe = async ({ task, committer, fetcher }: typeof first, key: string) => {
    simulated.append('in', 0, { key: Buffer.from(key), value: Buffer.from('v'), timestampMs: 1 })
    for (const fetched of await clock.run(fetcher.poll(1_000))) task.addFetched(fetched)
    while (task.processNext()) await clock.run(committer.commit([task]))
  }
  await pipe(first, 'a')
  await pipe(first, 'b')
  await pipe(first, 'a')
  await first.task.close()

  const second = await clock.run(open(simulated, clock, first.backends))
  await pipe(second, 'a')
  const counts = simulated
    .readAll('out')
    .map(({ key, value }) => `${key?.toString()}=${value?.toString()}`)
  expect(counts).toEqual(['a=1', 'b=1', 'a=2', 'a=3'])
  await simulated.close()
})
