import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { spread } from './harness/input.ts'
import { millrace, type Said } from './harness/millrace.ts'
import { Scene } from './harness/scene.ts'

const topology = join(import.meta.dirname, 'harness', 'topologies', 'counting.ts')

function jsonOf({ code, out, err }: Said) {
  expect(err).toBe('')
  return { code, ...JSON.parse(out) }
}

/** The command line for the counting application, with its state. */
function cli(scene: Scene, ...args: readonly string[]): Promise<Said> {
  return millrace(scene, args, {
    MILLRACE_TOPOLOGY: topology,
    MILLRACE_STATE_DIRECTORY: scene.stateDirectory('one'),
  })
}

describeWithKafka('before a start', (brokers) => {
  test('check names the topic that is missing and how to make it; then everything is right', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 2, out: 2 } })
    const before = await cli(scene, 'check')
    expect(before.code).toBe(1)
    expect(before.out).toContain(`${scene.topic('late')} does not exist`)
    expect(before.out).toContain(`kafka-topics.sh --bootstrap-server ${brokers} --create`)

    const missing = jsonOf(await cli(scene, 'topics', '--json', '--partitions', '1'))
    expect(missing.external).toContainEqual({ topic: scene.topic('late'), partitionCount: null })
    expect(missing.internal).toMatchObject([
      { kind: 'changelog', partitionCount: 2, exists: false },
      { kind: 'plan', partitionCount: 1, exists: false },
    ])
    await scene.create('late', 1)
    const after = jsonOf(await cli(scene, 'check', '--json'))
    expect(after.code).toBe(0)
    expect(after.findings.filter(({ level }: { level: string }) => level !== 'ok')).toMatchObject([
      { level: 'warning', check: 'replication' },
    ])
  })

  test('check finds a changelog that would be deleted by age, and a broker that is not there', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 2, out: 2, late: 1 } })
    await scene.create('counts-changelog', 2, { 'cleanup.policy': 'delete' })
    const found = await millrace(scene, ['check', '--json'], {
      MILLRACE_TOPOLOGY: topology,
      MILLRACE_STATE_DIRECTORY: scene.stateDirectory('one'),
      MILLRACE_KAFKA_BROKERS: `${brokers},127.0.0.1:1`,
    })
    expect(found.code).toBe(1)
    const { findings } = JSON.parse(found.out)
    const errors = findings.filter(({ level }: { level: string }) => level === 'error')
    expect(errors.map(({ check }: { check: string }) => check)).toEqual(
      expect.arrayContaining(['brokers', 'internal topics']),
    )
    expect(errors.find(({ check }: { check: string }) => check === 'brokers').message).toContain(
      '127.0.0.1:1',
    )
  })

  test('describe prints the plan without a cluster', async () => {
    await using scene = await Scene.open({ brokers, topics: {} })
    const text = await millrace(scene, ['describe', '--topology', topology], {
      MILLRACE_KAFKA_BROKERS: '',
    })
    expect(text.code).toBe(0)
    expect(text.out).toMatch(/Topology [0-9a-f]{12}/)
    expect(text.out).toContain('<app>-counts-changelog')
    const json = jsonOf(await millrace(scene, ['describe', '--topology', topology, '--json']))
    expect(json.plan.stores).toMatchObject([{ name: 'counts', window: { sizeMs: 10_000 } }])
  })
})

describeWithKafka('beside an application', (brokers) => {
  test('lag, state and reset see it run, see it stopped, and have it begin anew', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 2, out: 2, late: 1 } })
    const one = scene.processor('counting.ts', 'one')
    await one.ready()
    await scene.feed('in', spread({ partitions: 2, from: 0, to: 100 }))
    await scene.consumed('in')

    const running = jsonOf(await cli(scene, 'lag', '--json'))
    expect(running.group).toMatchObject({ state: 'Stable', memberCount: 1 })
    expect(running.partitions).toMatchObject([
      { lagRecords: 0, lagSeconds: null },
      { lagRecords: 0, lagSeconds: null },
    ])
    const locked = await cli(scene, 'state')
    expect(locked.code).toBe(1)
    expect(locked.err).toContain('MILLRACE_STORE_LOCKED')
    const refused = await cli(scene, 'reset', '--yes')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('1 members of the group are running')
    expect((await one.end('SIGTERM')).code).toBe(0)

    await scene.feed('in', spread({ partitions: 2, from: 100, to: 120 }))
    const stopped = await cli(scene, 'lag')
    expect(stopped.out).toContain('0 members')
    expect(jsonOf(await cli(scene, 'lag', '--json')).partitions).toMatchObject(
      [0, 1].map((partition) => ({ partition, lagRecords: 20, lagSeconds: expect.any(Number) })),
    )
    const { tasks } = jsonOf(await cli(scene, 'state', '--json'))
    expect(tasks.map(({ task }: { task: string }) => task)).toEqual(['0_0', '0_1'])
    expect(tasks[0].state.stores[0]).toMatchObject({ name: 'counts', kind: 'window' })
    expect(tasks[0].state.stores[0].rows).toBeGreaterThan(0)

    const dry = await cli(scene, 'reset')
    expect([dry.code, dry.err]).toEqual([0, ''])
    expect(dry.out).toContain('Dry run')
    expect(dry.out).toContain(`delete topic ${scene.topic('counts-changelog')}`)
    expect(jsonOf(await cli(scene, 'state', '--json')).tasks).toHaveLength(2)
    expect(jsonOf(await cli(scene, 'reset', '--yes', '--json')).isDone).toBe(true)
    expect(jsonOf(await cli(scene, 'state', '--json')).tasks).toEqual([])
    expect(await scene.committed('in')).toEqual([0, 0])

    const again = scene.processor('counting.ts', 'one')
    await again.ready()
    await scene.consumed('in')
    expect((await again.end('SIGTERM')).code).toBe(0)
    const rows = jsonOf(await cli(scene, 'state', '--json')).tasks[0].state.stores[0].rows
    expect(rows).toBeGreaterThan(0)
  })
})
