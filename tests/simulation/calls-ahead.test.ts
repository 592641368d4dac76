import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'

const callMs = 40

/** Each call takes so long; how many are under way, and how many were made. */
function world(concurrency: number, eachMs = callMs) {
  const seen = { calls: 0, underWay: 0, most: 0, aborted: 0, calledAtMs: 0, wentOnAfterMs: -1 }
  const it: World = new World(
    topology((t) => {
      t.stream('in', { key: string, value: string, nullValues: 'drop' })
        .mapAsync(
          async (value, _, { signal }) => {
            seen.calls++
            seen.calledAtMs = it.clock.monotonicMs()
            seen.most = Math.max(seen.most, ++seen.underWay)
            signal.addEventListener('abort', () => seen.aborted++)
            await new Promise<void>((resolve) => it.clock.setTimer(eachMs, resolve))
            seen.underWay--
            return `${value}!`
          },
          { concurrency, value: string, timeout: '10s' },
        )
        .peek(() => {
          seen.wentOnAfterMs = it.clock.monotonicMs() - seen.calledAtMs
        })
        .to('out')
    }),
  )
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic)
  const append = (count: number): void => {
    for (let nth = 0; nth < count; nth++) {
      it.cluster.append('in', 0, { key: Buffer.from(`k${nth}`), value: Buffer.from(String(nth)) })
    }
  }
  const values = (): readonly string[] =>
    it.cluster.readAll('out').map(({ value }) => String(value))
  return { it, seen, append, values }
}

const answers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, nth) => `${nth}!`)

test('the worker goes on when a call is answered, and not at its next look', async () => {
  const { it, seen, append } = world(1, 10)
  append(1)
  const worker = it.start({})
  await it.until(() => seen.wentOnAfterMs >= 0)
  expect(seen.wentOnAfterMs).toBe(10)
  await it.stop(worker)
})

test('as many calls are made at once as are asked for', async () => {
  const { it, seen, append, values } = world(10)
  append(200)
  const worker = it.start({})
  await it.untilConsumed('in', 1)
  await it.stop(worker)
  expect(seen.most).toBe(10)
  expect(values()).toEqual(answers(200))
})

test('a worker that dies in the middle of its calls has committed none before its time', async () => {
  const { it, seen, append, values } = world(4)
  append(60)
  for (const calls of [3, 30, 50]) {
    const worker = it.start({})
    await it.until(() => seen.calls >= calls)
    await worker.kill()
  }
  const last = it.start({})
  await it.untilConsumed('in', 1)
  await it.stop(last)
  expect(values()).toEqual(answers(60))
})

test('a worker that stops in order waits for no call, and tells them', async () => {
  const { it, seen, append } = world(2, 5_000)
  append(10)
  const worker = it.start({})
  await it.until(() => seen.underWay === 2)
  const atMs = it.clock.monotonicMs()
  await it.stop(worker)
  expect(seen.aborted).toBe(2)
  expect(it.clock.monotonicMs() - atMs).toBeLessThan(1_000)
})

test('a call that fails for long is in the log, and does not fill it', async () => {
  const it = new World(
    topology((t) => {
      t.stream('in', { key: string, value: string, nullValues: 'drop' }).sink({
        name: 'mail',
        backoff: '1s',
        write: (_value, _key, { attempt }) => {
          if (attempt <= 20) throw new Error('nobody there')
        },
      })
    }),
  )
  it.cluster.createTopic('in')
  it.cluster.append('in', 0, { key: Buffer.from('k'), value: Buffer.from('v') })
  const worker = it.start({})
  const said = () => it.warnings.filter((text) => text.includes('a call failed'))
  await it.until(() => said().length === 5)
  await it.untilConsumed('app-mail-outbox-repartition', 1)
  expect(said()).toHaveLength(5)
  await it.stop(worker)
})
