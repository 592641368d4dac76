import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs } from './harness/input.ts'
import { millrace, type Said } from './harness/millrace.ts'
import { Scene } from './harness/scene.ts'

const topologies = join(import.meta.dirname, 'harness', 'topologies')

/** Of two customers; every third as a release wrote it that took amounts for text, one not to be mended. */
const values = Array.from({ length: 30 }, (_, nth) => {
  if (nth === 29) return '{"amount":"a lot"}'
  return JSON.stringify({ amount: nth % 3 === 0 ? String(nth) : nth })
})
const mendable = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]

const right = Array.from({ length: 29 }, (_, nth) => nth)
const rightSums = {
  ann: right.filter((nth) => nth % 2 === 0).reduce((sum, nth) => sum + nth, 0),
  bob: right.filter((nth) => nth % 2 === 1).reduce((sum, nth) => sum + nth, 0),
}

/** The last sum of each customer. */
async function sumsOf(scene: Scene): Promise<{ readonly [customer: string]: number }> {
  const sums: { [customer: string]: number } = {}
  for (const { key, value } of (await scene.read('out')).flat()) {
    sums[String(key)] = (JSON.parse(String(value)) as { readonly total: number }).total
  }
  return sums
}

describeWithKafka('a batch that a change of the schema broke', (brokers) => {
  test('is looked at, patched, written again once, and counts as if it had been right', async () => {
    await using scene = await Scene.open({
      brokers,
      topics: { in: 2, out: 2, receipts: 1, dead: 2 },
    })
    const env = {
      MILLRACE_TOPOLOGY: join(topologies, 'orders.ts'),
      MILLRACE_STATE_DIRECTORY: scene.stateDirectory('one'),
      MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
    }
    const dlq = (...args: readonly string[]): Promise<Said> =>
      millrace(scene, ['dlq', ...args], env)
    const one = scene.processor('orders.ts', 'one', env)
    await one.ready()
    await scene.feed(
      'in',
      values.map((value, nth) => ({
        partition: nth % 2,
        key: nth % 2 === 0 ? 'ann' : 'bob',
        value,
        timestampMs: baseMs + nth,
      })),
    )
    await scene.consumed('in')

    const { groups } = JSON.parse((await dlq('list', '--json')).out)
    expect(groups).toMatchObject([{ from: scene.topic('in'), open: 11, settled: 0 }])
    const { sample, code, plan } = groups[0]
    expect(plan).toMatch(/^[0-9a-f]{12}$/)
    const shown = await dlq('show', sample)
    expect(shown.out).toContain('"amount":"')
    expect(shown.out).toContain(code)
    expect((await dlq('show', `${scene.topic('in')}:0:999`)).code).toBe(1)

    // As they are they would be refused again; patched all but one pass.
    const unpatched = await dlq('redrive')
    expect(unpatched.out).toContain('0 records would be written again; 11 would be left')
    const patch = join(topologies, 'amounts-as-text.ts')
    const tried = await dlq('patch', patch)
    expect(tried.err).toBe('')
    expect(tried.out).toContain('{"amount":"3"} -> {"amount":3}')
    expect(tried.out).toContain('10 records pass; 1 would be left')

    // Two at once: nothing twice.
    const redrive = ['redrive', '--patch', patch, '--rate', '1000', '--reason', 'release 41']
    expect((await dlq(...redrive)).out).toContain('Dry run')
    await scene.consumed('in')
    const both = await Promise.all([dlq(...redrive, '--yes'), dlq(...redrive, '--yes')])
    expect(both.some(({ code: exit }) => exit === 0)).toBe(true)
    expect((await dlq(...redrive, '--yes')).out).toContain('0 records written')
    await scene.consumed('in')
    const inputs = (await scene.read('in')).flat()
    expect(inputs).toHaveLength(values.length + mendable.length)
    expect(await sumsOf(scene)).toEqual(rightSums)

    // The one that cannot be mended is thrown away, and with it all that is settled leaves the topic.
    expect((await dlq('list')).out).toMatch(/ 1 +10 /)
    expect((await dlq('purge', '--yes', '--reason', 'no amount')).out).toContain(
      '1 letters thrown away',
    )
    expect((await scene.read('dead')).flat()).toEqual([])
    expect((await dlq('list')).out).toContain('There are no dead letters.')
    expect((await one.end('SIGTERM')).code).toBe(0)
  })
})
