import { topology } from '@millrace/dsl'
import { bytes, json, string } from '@millrace/record'
import { expect, test } from 'vitest'
import { createTestDriver } from './topology-test-driver.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

const shouting = topology((t) => {
  t.stream('in', { value: json<string>() })
    .mapValues((text) => {
      if (text === 'bad') throw new RangeError('too bad')
      return `${text}!`
    })
    .to('out')
})

test('an error of the topology reaches the test, with the record and its cause', async () => {
  await using driver = await createTestDriver(shouting)
  const input = driver.input('in')
  await input.pipe('k', 'good', { timestampMs: 1 })
  const failed = input.pipe('k', 'bad', { timestampMs: 2 })
  await expect(failed).rejects.toMatchObject({
    code: 'MILLRACE_RUNTIME_PROCESSING_FAILED',
    at: { topic: 'in', partition: 0, offset: 1 },
    cause: expect.objectContaining({ message: 'too bad' }),
  })
  expect(driver.output('out').readAll()).toMatchObject([{ value: 'good!' }])
})

test('an application that stopped at an error takes no more, and meets the record again', async () => {
  await using driver = await createTestDriver(shouting)
  const input = driver.input('in')
  await expect(input.pipe('k', 'bad')).rejects.toThrow('too bad')
  const stopped = code('MILLRACE_TESTING_STATE')
  await expect(input.pipe('k', 'good')).rejects.toThrow(stopped)
  await expect(driver.advanceWallClock('1s')).rejects.toThrow(stopped)
  await expect(driver.resume()).rejects.toThrow('too bad')
})

test('with a dead-letter topic the record is passed over', async () => {
  await using driver = await createTestDriver(shouting, { deadLetterTopic: 'dead' })
  const input = driver.input('in')
  await input.pipe('k', 'bad', { timestampMs: 1 })
  await driver.input('in', { value: bytes }).pipe('k', Buffer.from('{'), { timestampMs: 2 })
  await input.pipe('k', 'good', { timestampMs: 3 })
  expect(driver.output('out').readAll()).toMatchObject([{ value: 'good!', timestampMs: 3 }])
  expect(driver.deadLetters()).toMatchObject([
    {
      topic: 'in',
      partition: 0,
      offset: 0,
      code: 'MILLRACE_RUNTIME_PROCESSING_FAILED',
      key: Buffer.from('k'),
      value: Buffer.from('"bad"'),
    },
    { offset: 1, code: 'MILLRACE_RECORD_UNDECODABLE', value: Buffer.from('{') },
  ])
})

test('a record that cannot be read stops the application where nothing takes it', async () => {
  await using driver = await createTestDriver(shouting)
  const raw = driver.input('in', { value: bytes })
  await expect(raw.pipe('k', Buffer.from('{'))).rejects.toThrow(code('MILLRACE_RECORD_UNDECODABLE'))
})

test('a negative timestamp is left out and counted', async () => {
  await using driver = await createTestDriver(
    topology((t) => {
      t.stream('in', { value: string, timestamp: () => -1, name: 'events' }).to('out')
    }),
  )
  await driver.input('in').pipe('k', 'v', { timestampMs: 5 })
  expect(driver.output('out').readAll()).toEqual([])
  expect(driver.dropped()).toEqual({ events: { 'negative-timestamp': 1 } })
})

test('what a worker would refuse, the driver refuses', async () => {
  const toNoNumber = topology((t) => {
    t.stream('in', { value: json<number>() })
      .groupByKey()
      .aggregate({ name: 'broken', initial: () => 0, add: () => undefined as never })
      .to('out')
  })
  await using driver = await createTestDriver(toNoNumber)
  await expect(driver.input('in').pipe('k', 1)).rejects.toThrow(
    code('MILLRACE_OPERATORS_NO_RESULT'),
  )
})
