import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs } from './harness/input.ts'
import { millrace, type Said } from './harness/millrace.ts'
import { Receiver } from './harness/receiver.ts'
import { Scene } from './harness/scene.ts'

const topologies = join(import.meta.dirname, 'harness', 'topologies')
const at = (second: number) => baseMs + second * 1_000
const date = (second: number) => new Date(at(second)).toISOString()

/** `a` above 90 for twenty seconds, `b` above 95 for one. */
const readings = [
  ...Array.from({ length: 20 }, (_, second) => ['a', 93, second] as const),
  ['b', 97, 12] as const,
  ['b', 40, 13] as const,
  ['a', 40, 20] as const,
  ['a', 40, 40] as const,
]

describeWithKafka('alert rules over history', (brokers) => {
  test('say what would have fired, and what other rules change; nothing is written or told', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.open({ brokers, topics: { in: 2, alerts: 1 } })
    await scene.feed(
      'in',
      readings.map(([key, value, second]) => ({
        key,
        value: String(value),
        partition: key === 'a' ? 0 : 1,
        timestampMs: at(second),
      })),
    )
    const topicsBefore = await topicNames(scene)
    const cli = (...args: readonly string[]): Promise<Said> =>
      millrace(scene, ['alerts', 'backtest', ...args], {
        MILLRACE_TOPOLOGY: join(topologies, 'alerting.ts'),
        MILLRACE_STATE_DIRECTORY: scene.stateDirectory('one'),
        SINK_URL: receiver.url,
      })

    const now = await cli('--from', date(0))
    expect(now.err).toBe('')
    expect(now.code).toBe(0)
    expect(now.out.split('\n').filter(Boolean)).toEqual([
      `${readings.length} records of history; 1 alerts would have fired`,
      `  ${date(10)} to ${date(25)} critical hot/a: It is hot.`,
    ])

    const rules = join(topologies, 'alerting-later.ts')
    const diff = await cli('--from', date(0), '--rules', rules, '--diff')
    expect(diff.out.split('\n').filter(Boolean)).toEqual([
      `${readings.length} records of history; 1 alerts would have fired`,
      `- ${date(10)} to ${date(25)} critical hot/a: It is hot.`,
      `+ ${date(12)} to ${date(13)} critical hot/b: It is hot.`,
      '1 no more, 1 new, 0 end at another time, 0 as before',
    ])

    const part = JSON.parse((await cli('--from', date(5), '--to', date(12), '--json')).out)
    expect(part.after).toMatchObject({ records: 7, incidents: [] })
    const led = JSON.parse(
      (await cli('--from', date(5), '--lead-in', '5s', '--to', date(12), '--json')).out,
    )
    expect(led.after.incidents).toMatchObject([{ dedupeKey: 'hot/a', resolved: null }])

    const small = await cli('--from', date(0), '--max-records', '5')
    expect(small.code).toBe(1)
    expect(small.err).toContain(
      `This history has ${readings.length} records, and 5 are held at most`,
    )

    expect(receiver.received).toEqual([])
    expect(await topicNames(scene)).toEqual(topicsBefore)
    expect((await scene.read('alerts')).flat()).toEqual([])
  })
})

async function topicNames(scene: Scene): Promise<readonly string[]> {
  const names = [
    'in',
    'alerts',
    'hot-changelog',
    'plan',
    'hook-outbox-repartition',
    'hot-due-changelog',
  ]
  return [...(await scene.cluster.metadata(names.map((name) => scene.topic(name)))).keys()]
}
