import { topology } from '@millrace/dsl'
import { MillraceError } from '@millrace/errors'
import { json, string } from '@millrace/record'
import { memoryBackends, type StateBackends } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'

const counting = (version = 1) =>
  topology((t) => {
    t.stream('in', { key: string, value: json() })
      .groupByKey()
      .count({ name: 'counts', version })
      .to('out')
  })

function world(): World {
  const made = new World(counting())
  for (const topic of ['in', 'out']) made.cluster.createTopic(topic, { partitionCount: 2 })
  return made
}

function feed(it: World, count: number): void {
  for (let i = 0; i < count; i++) {
    it.cluster.append('in', i % 2, { key: Buffer.from(`k${i % 2}`), value: Buffer.from('1') })
  }
}

function finals(it: World): ReadonlyMap<string | undefined, string | undefined> {
  return new Map(
    it.cluster.readAll('out').map(({ key, value }) => [key?.toString(), value?.toString()]),
  )
}

test('a worker that finds no broker waits for one and then runs', async () => {
  const it = world()
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerDown(nodeId)
  const one = it.start()
  await it.clock.advance(60_000)
  expect(one.worker.state).toBe('starting')
  expect(one.worker.isReady).toBe(false)
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerUp(nodeId)
  await it.untilRunning(one)
  expect(one.worker.isReady).toBe(true)
  await it.stop(one)
  expect(one.worker.state).toBe('stopped')
})

test('a worker that waits for a broker stops when it is told to', async () => {
  const it = world()
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerDown(nodeId)
  const one = it.start()
  await it.clock.advance(5_000)
  await it.stop(one)
  expect(one.worker.state).toBe('stopped')
})

test('brokers lost for minutes: the worker is not ready, and goes on by itself when they are back', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it, 20)
  await it.clock.advance(300)
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerDown(nodeId)
  await it.clock.advance(180_000)
  expect(one.worker.state).not.toBe('failed')
  expect(one.worker.isReady).toBe(false)
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerUp(nodeId)
  await it.until(() => one.worker.isReady)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(finals(it)).toEqual(
    new Map([
      ['k0', '20'],
      ['k1', '20'],
    ]),
  )
})

test('a missing topic is named', async () => {
  const it = new World(counting())
  it.cluster.createTopic('in')
  const one = it.start()
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_RUNTIME_TOPIC_MISSING: missing: out\. Create/)
})

test('a worker without tasks is not ready when it hears nothing of its group', async () => {
  const it = world()
  const workers = [it.start(), it.start(), it.start()]
  await it.until(() => workers.every(({ worker }) => worker.isReady))
  await it.until(() => workers.filter(({ worker }) => worker.tasks().length > 0).length === 2)
  const idle = workers.find(({ worker }) => worker.tasks().length === 0)!
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerDown(nodeId)
  await it.clock.advance(20_000)
  expect(idle.worker.isReady).toBe(false)
  await it.clock.advance(160_000)
  expect(idle.worker.isReady).toBe(false)
  for (const nodeId of it.cluster.nodeIds) it.cluster.brokerUp(nodeId)
  await it.until(() => workers.every(({ worker }) => worker.isReady))
  for (const one of workers) await it.stop(one)
})

test('a changelog with another number of partitions, or settings that lose rows, is refused', async () => {
  const it = world()
  it.cluster.createTopic('app-counts-changelog', { partitionCount: 3 })
  const one = it.start()
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(
    /app-counts-changelog has 3 partitions, the topology needs 2/,
  )

  const other = world()
  other.cluster.createTopic('app-counts-changelog', {
    partitionCount: 2,
    configs: { 'cleanup.policy': 'delete' },
  })
  const two = other.start()
  await other.until(() => two.worker.state === 'failed')
  expect(String(two.worker.error)).toMatch(/cleanup\.policy=delete.*kafka-configs --alter/)
})

test('a second process on the same state is refused', async () => {
  const it = world()
  const locked = {
    ...memoryBackends(),
    open: () =>
      Promise.reject(
        new MillraceError('MILLRACE_STORE_LOCKED', { message: 'the directory is in use' }),
      ),
  }
  const one = it.start({ backends: locked })
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_STORE_LOCKED/)
})

test('a plan that does not fit the state is refused, and rebuilt when told to', async () => {
  const it = world()
  const backends = memoryBackends()
  const one = it.start({ backends })
  await it.untilRunning(one)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)

  const two = it.start({ backends, topology: counting(2) })
  await it.until(() => two.worker.state === 'failed')
  expect(String(two.worker.error)).toMatch(
    /MILLRACE_RUNTIME_PLAN_CHANGED[^]*store counts: version from 1 to 2[^]*MILLRACE_ON_PLAN_CHANGE=rebuild/,
  )
  await it.clock.run(two.worker.ended)

  const three = it.start({ backends, topology: counting(2), onPlanChange: 'rebuild' })
  await it.untilRunning(three)
  await it.untilConsumed('in', 2)
  await it.clock.advance(2_000)
  await it.stop(three)
  expect(three.worker.error).toBe(null)
  expect(finals(it)).toEqual(
    new Map([
      ['k0', '10'],
      ['k1', '10'],
    ]),
  )
})

const tens = new Map([
  ['k0', '10'],
  ['k1', '10'],
])

/** Twenty records counted by the first plan, and its worker stopped. */
async function counted(it: World, backends: StateBackends): Promise<void> {
  const one = it.start({ backends })
  await it.untilRunning(one)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)
}

test('a plan that does not fit the changelogs is refused on an empty disk too', async () => {
  const it = world()
  await counted(it, memoryBackends())
  const two = it.start({ topology: counting(2) })
  await it.until(() => two.worker.state === 'failed')
  expect(String(two.worker.error)).toMatch(
    /MILLRACE_RUNTIME_PLAN_CHANGED[^]*app, in Kafka[^]*store counts: version from 1 to 2/,
  )
})

test('a rebuild is refused while another process runs, and touches nothing', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  const two = it.start({ topology: counting(2), onPlanChange: 'rebuild' })
  await it.until(() => two.worker.state === 'failed')
  expect(String(two.worker.error)).toMatch(/stop every instance/i)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(finals(it).get('k0')).toBe('20')
})

/** Ten records were counted, and mailed by a sink of this kind; then the count is another one. */
async function mailed(kind: 'external' | 'idempotent') {
  const written: string[] = []
  const program = (version: number) =>
    topology((t) => {
      const records = t.stream('in', { key: string, value: json(), nullValues: 'drop' })
      records.groupByKey().count({ name: 'counts', version }).to('out')
      records.sink({ name: 'mail', kind, write: (_, _key, { id }) => written.push(id) })
    })
  const it = new World(program(1))
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic, { partitionCount: 2 })
  feed(it, 10)
  const one = it.start()
  await it.until(() => written.length === 10)
  await it.stop(one)
  return { it, written, changed: it.start({ topology: program(2), onPlanChange: 'rebuild' }) }
}

test('a rebuild is refused beside an external sink, which would repeat all of its effects', async () => {
  const { it, written, changed } = await mailed('external')
  await it.until(() => changed.worker.state === 'failed')
  expect(String(changed.worker.error)).toMatch(/MILLRACE_RUNTIME_REBUILD_EFFECTS[^]*sink mail/)
  expect(written).toHaveLength(10)
})

test('a rebuild repeats the effects of an idempotent sink under their names', async () => {
  const { it, written, changed } = await mailed('idempotent')
  await it.until(() => written.length === 20)
  expect(new Set(written).size).toBe(10)
  await it.stop(changed)
})

test('behind a repartition a rebuild gives no id of before to another effect', async () => {
  const written: { readonly id: string; readonly value: string }[] = []
  // The second version leaves the first record out: what follows moves up in the repartition.
  const program = (version: number) =>
    topology((t) => {
      const values = t.stream('in', { key: string, value: string, nullValues: 'drop' })
      const kept = values.filter((value) => version === 1 || value !== '0')
      kept.groupByKey().count({ name: 'counts', version }).to('out')
      kept
        .selectKey(() => 'all')
        .repartition({ name: 'moved' })
        .sink({
          name: 'mail',
          kind: 'idempotent',
          write: (value, _key, { id }) => written.push({ id, value }),
        })
    })
  const it = new World(program(1))
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic)
  for (let nth = 0; nth < 5; nth++) {
    it.cluster.append('in', 0, { key: Buffer.from('k'), value: Buffer.from(String(nth)) })
  }
  const one = it.start()
  await it.until(() => written.length === 5)
  await it.stop(one)
  const two = it.start({ topology: program(2), onPlanChange: 'rebuild' })
  await it.until(() => written.length === 9)
  await it.stop(two)
  const valuesOf = Map.groupBy(written, ({ id }) => id)
  for (const named of valuesOf.values()) {
    expect(new Set(named.map(({ value }) => value))).toHaveLength(1)
  }
})

test('where another process has rebuilt, what lies on this disk is restored anew', async () => {
  const it = world()
  const [here, there] = [memoryBackends(), memoryBackends()]
  await counted(it, here)
  const changed = { topology: counting(2), onPlanChange: 'rebuild' } as const
  const two = it.start({ backends: there, ...changed })
  await it.untilRunning(two)
  await it.untilConsumed('in', 2)
  const three = it.start({ backends: here, ...changed })
  await it.untilRunning(three)
  await it.stop(two)
  feed(it, 2)
  await it.untilConsumed('in', 2)
  await it.stop(three)
  expect(it.warnings.join()).toMatch(/another process has rebuilt/)
  expect(finals(it)).toEqual(new Map([...tens.keys()].map((key) => [key, '11'])))
})

test('of the threads on one disk the first rebuilds, and the others wait for it', async () => {
  const it = world()
  const backends = memoryBackends()
  await counted(it, backends)
  // What belongs to the process is one database, opened by each of its threads.
  const process = await backends.open('process')
  const shared = {
    ...backends,
    open: (name: string) => (name === 'process' ? Promise.resolve(process) : backends.open(name)),
  }
  const changed = { backends: shared, topology: counting(2), onPlanChange: 'rebuild' } as const
  const workers = [1, 0].map((thread) => it.start({ ...changed, thread }))
  await it.untilRunning(...workers)
  await it.untilConsumed('in', 2)
  for (const one of workers) await it.stop(one)
  expect(workers.map(({ worker }) => worker.error)).toEqual([null, null])
  expect(finals(it)).toEqual(tens)
})

test('a state ahead of its changelog is refused: the disk may hold the only copy', async () => {
  const it = world()
  const backends = memoryBackends()
  const one = it.start({ backends })
  await it.untilRunning(one)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)
  it.cluster.truncate('app-counts-changelog', 0, 0)
  const two = it.start({ backends })
  await it.until(() => two.worker.state === 'failed')
  expect(String(two.worker.error)).toMatch(/MILLRACE_RUNTIME_CHANGELOG_TRUNCATED.*task 0_0/)
})

test('a group that was set back makes the state stale: it is restored, not counted twice', async () => {
  const it = world()
  const backends = memoryBackends()
  const one = it.start({ backends })
  await it.untilRunning(one)
  feed(it, 20)
  await it.untilConsumed('in', 2)
  await it.stop(one)
  const admin = it.client().admin
  await it.clock.run(admin.resetOffsets('app', [{ topic: 'in', partition: 0, offset: 0 }]))
  const two = it.start({ backends })
  await it.untilRunning(two)
  await it.untilConsumed('in', 2)
  await it.clock.advance(2_000)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  expect(finals(it)).toEqual(
    new Map([
      ['k0', '10'],
      ['k1', '10'],
    ]),
  )
})

test('a source topic that gets more partitions stops the worker with the reason', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  await it.clock.run(it.client().admin.addPartitions('in', 4))
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(
    /MILLRACE_RUNTIME_PARTITIONS_CHANGED.*had 2 partitions and has 4/,
  )
})
