import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { createTestDriver } from './topology-test-driver.ts'

const minuteMs = 60_000

const byWord = topology((t) => {
  t.stream('in', { value: string, nullValues: 'drop' })
    .groupBy((word) => word, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '1m', grace: 0 }))
    .count({ name: 'counts' })
    .to('out')
})

const partitions = { in: 4, out: 4 }

test('a partition that says nothing for a minute is no longer waited for', async () => {
  await using driver = await createTestDriver(byWord, { partitions })
  const input = driver.input('in')
  for (const partition of [0, 1, 2]) {
    await input.pipe(null, 'w', { timestampMs: 0, partition })
    await input.pipe(null, 'w', { timestampMs: 5 * minuteMs, partition })
  }
  await input.pipe(null, 'w', { timestampMs: 0, partition: 0 })
  expect(driver.late()).toEqual({})

  // Silent for one minute, then one more commit for the word to come downstream.
  await driver.advanceWallClock('2m')
  await input.pipe(null, 'w', { timestampMs: 0, partition: 0 })
  expect(driver.late()).toEqual({ counts: 1 })
})

test('a held partition is waited for, however long, and makes nothing late', async () => {
  await using driver = await createTestDriver(byWord, { partitions })
  const input = driver.input('in')
  driver.hold('in', 3)
  await input.pipe(null, 'w', { timestampMs: 0, partition: 3 })
  for (const partition of [0, 1, 2]) {
    await input.pipe(null, 'w', { timestampMs: 90 * minuteMs, partition })
  }
  await driver.advanceWallClock('10m')
  expect(driver.output('out').readAll()).toMatchObject([{ value: 1 }, { value: 2 }, { value: 3 }])
  await driver.release('in', 3)
  expect(driver.late()).toEqual({})
  expect(driver.output('out').readAll()).toMatchObject([{ value: 1, timestampMs: 0 }])
})

test('a hold outlives a crash', async () => {
  await using driver = await createTestDriver(byWord)
  driver.hold('in')
  await driver.crash()
  await driver.input('in').pipe(null, 'w', { timestampMs: 0 })
  await driver.resume()
  expect(driver.output('out').readAll()).toEqual([])
  await driver.release('in')
  expect(driver.output('out').readAll()).toHaveLength(1)
})

test('two topics of one task are read by the smallest time, a tie by the order of the plan', async () => {
  const merged = topology((t) => {
    t.stream('left', { value: string })
      .merge(t.stream('right', { value: string }))
      .to('out')
  })
  await using driver = await createTestDriver(merged)
  for (const topic of ['left', 'right']) driver.hold(topic)
  for (const at of [1, 5, 3]) await driver.input('left').pipe('l', `l${at}`, { timestampMs: at })
  for (const at of [2, 4, 6]) await driver.input('right').pipe('r', `r${at}`, { timestampMs: at })
  await driver.release('left')
  await driver.release('right')
  const order = driver
    .output('out')
    .readAll()
    .map(({ value }) => value)
  expect(order).toEqual(['l1', 'r2', 'r4', 'l5', 'l3', 'r6'])
})
