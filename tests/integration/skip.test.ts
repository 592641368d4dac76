import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs, type Input } from './harness/input.ts'
import { Scene } from './harness/scene.ts'

const main = join(import.meta.dirname, '..', '..', 'services', 'cli', 'src', 'main.ts')

function order(value: string): Input {
  return { partition: 1, key: 'ann', value, timestampMs: baseMs }
}

function millrace(scene: Scene, ...args: readonly string[]) {
  const env = {
    PATH: process.env['PATH'] ?? '',
    MILLRACE_APPLICATION_ID: scene.name,
    MILLRACE_KAFKA_BROKERS: scene.brokers,
  }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', main, ...args],
    {
      env,
      encoding: 'utf8',
    },
  )
  return { code: status, out: stdout, err: stderr }
}

describeWithKafka('an operator', (brokers) => {
  test('skips the record that a processor stopped at, and the processor goes on behind it', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 2, out: 1, receipts: 1 } })
    await scene.feed('in', [order('{"amount":1}'), order('{"amount":'), order('{"amount":2}')])
    const one = scene.processor('orders.ts', 'one')
    expect((await one.ended()).code).toBe(1)
    const position = `${scene.topic('in')}:1:1`
    expect(one.text).toContain(`millrace skip ${position}`)

    // A dry run changes nothing.
    const dry = millrace(scene, 'skip', position, '--reason', 'cut off')
    expect([dry.code, dry.err]).toEqual([0, ''])
    expect(dry.out).toContain('value 10 bytes')
    expect(dry.out).toContain('Dry run')
    const two = scene.processor('orders.ts', 'one')
    expect((await two.ended()).code).toBe(1)

    const done = millrace(
      scene,
      'skip',
      position,
      '--reason',
      'cut off',
      '--by',
      'ann',
      '--yes',
      '--json',
    )
    expect(JSON.parse(done.out)).toMatchObject({ isWritten: true, refusal: null, by: 'ann' })
    const three = scene.processor('orders.ts', 'one')
    await three.ready()
    await scene.consumed('in')
    const skipped = { operator: 'orders', reason: 'skipped-by-operator' }
    await scene.until('it is counted', async () => {
      return (await three.metric('millrace_records_dropped_total', skipped)) === 1
    })
    const [said] = three.said('a record is skipped by an operator')
    expect(said).toMatchObject({ offset: 1, by: 'ann', reason: 'cut off' })
    expect((await three.end('SIGTERM')).code).toBe(0)
    const totals = (await scene.read('out')).flat().map(({ value }) => String(value))
    expect(totals.at(-1)).toBe('{"total":3}')

    // What is behind the application is not skipped any more.
    const late = millrace(scene, 'skip', position, '--reason', 'again', '--yes')
    expect(late.code).toBe(1)
    expect(late.err).toContain('it has this record behind it')
  })
})
