import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

let wallClockCalls = 0

/** Remembers the last value, tells of it every 10 ms of stream time; what `bad` says throws then. */
const teller = (by: 'stream-time' | 'wall-clock') =>
  topology((t) => {
    t.stream('in', { key: string, value: string, nullValues: 'drop' })
      .process({
        name: 'teller',
        stores: { last: { value: string } },
        key: string,
        value: string,
        start({ stores: { last }, forward, schedule }) {
          schedule({ every: by === 'stream-time' ? 10 : '1s', by }, () => {
            const told = last.get('last')
            const calls = last.get('calls') ?? ''
            last.put('calls', `${calls}x`)
            forward({ key: 'told', value: `${told}${calls}` })
            if (by === 'wall-clock') wallClockCalls++
            if (told === 'bad') throw new Error('bad')
          })
          return {
            process({ value }) {
              last.put('last', value ?? '')
            },
          }
        },
      })
      .to('out')
  })

function world(by: 'stream-time' | 'wall-clock'): World {
  const it = new World(teller(by))
  for (const topic of ['in', 'out', 'dead']) it.cluster.createTopic(topic)
  return it
}

const put = (it: World, value: string, timestampMs: number): unknown =>
  it.cluster.append('in', 0, { key: Buffer.from('k'), value: Buffer.from(value), timestampMs })

const told = (it: World): string[] => it.cluster.readAll('out').map(({ value }) => String(value))

test('a call that throws is passed over, and leaves nothing', async () => {
  const it = world('stream-time')
  put(it, 'a', 5)
  put(it, 'bad', 15)
  put(it, 'c', 25)
  put(it, 'd', 35)
  const one = it.start({ onProcessingError: 'skip' })
  await it.untilConsumed('in', 1)
  const labels = { operator: 'teller', lane: 'live' }
  expect(counted(one.counters, 'millrace_punctuations_failed_total', labels)).toBe(1)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  // Three calls left their mark: the second one's write to the store was undone.
  expect(told(it)).toEqual(['a', 'cx', 'dxx'])
})

test('one by the wall clock comes again with the next interval', async () => {
  const it = world('wall-clock')
  wallClockCalls = 0
  const one = it.start({ onProcessingError: 'dead-letter', deadLetterTopic: 'dead' })
  await it.untilRunning(one)
  put(it, 'bad', 1)
  await it.until(() => wallClockCalls > 3, 60_000)
  put(it, 'good', 2)
  await it.until(() => told(it).some((value) => value.startsWith('good')), 60_000)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(told(it).filter((value) => value.startsWith('bad'))).toEqual([])
})

test('with the policy stop the worker stops, and names the operator', async () => {
  const it = world('stream-time')
  put(it, 'bad', 15)
  const one = it.start({ onProcessingError: 'stop' })
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_RUNTIME_PROCESSING_FAILED.*teller.*bad/)
})

test('of two calls at one time that both throw each is passed over', async () => {
  const program = topology((t) => {
    t.stream('in', { key: string, value: string, nullValues: 'drop' })
      .process({
        name: 'tellers',
        stores: { last: { value: string } },
        key: string,
        value: string,
        start({ stores: { last }, forward, schedule }) {
          for (const name of ['one', 'other']) {
            schedule({ every: 10, by: 'stream-time' }, (nowMs) => {
              last.put(name, 'touched')
              forward({ key: name, value: String(nowMs) })
              if (nowMs < 20) throw new Error(`${name} fails`)
            })
          }
          return { process: ({ value }) => last.put('last', value ?? '') }
        },
      })
      .to('out')
  })
  const it = new World(program)
  for (const topic of ['in', 'out', 'dead']) it.cluster.createTopic(topic)
  for (const timestampMs of [15, 25]) put(it, 'a', timestampMs)
  const one = it.start({ onProcessingError: 'skip' })
  await it.untilConsumed('in', 1)
  await it.stop(one)
  expect(told(it)).toEqual(['25', '25'])
})
