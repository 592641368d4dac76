import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { type CommitStep, commitSteps } from '@millrace/runtime'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { createTestDriver, type TopologyTestDriver } from './topology-test-driver.ts'

const counts = topology((t) => {
  t.stream('in', { value: string })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '10s' }))
    .count({ name: 'counts', late: 'late' })
    .to('out')
})

const values = (driver: TopologyTestDriver) =>
  driver
    .output<unknown, number>('out')
    .readAll()
    .map(({ value }) => value)

test.each([true, false])(
  'what was committed is there after a crash (keepState: %s)',
  async (keepState) => {
    await using driver = await createTestDriver(counts)
    const input = driver.input('in')
    await input.pipe('a', 'x', { timestampMs: 1 })
    await driver.crash()
    await driver.resume({ keepState })
    await input.pipe('a', 'x', { timestampMs: 2 })
    expect(values(driver)).toEqual([1, 2])
    expect(await driver.store('counts').get('a', 0)).toBe(2)
  },
)

test.each([true, false])('stream time is not forgotten (keepState: %s)', async (keepState) => {
  await using driver = await createTestDriver(counts)
  const input = driver.input('in')
  await input.pipe('a', 'x', { timestampMs: 70_000 })
  await driver.crash()
  await driver.resume({ keepState })
  await input.pipe('a', 'x', { timestampMs: 1_000 })
  expect(driver.late()).toEqual({ counts: 1 })
  expect(driver.output('late').readAll()).toHaveLength(1)
})

test.each([true, false])(
  'what was not committed is done again (keepState: %s)',
  async (keepState) => {
    await using driver = await createTestDriver(counts, { commitAfterEachRecord: false })
    const input = driver.input('in')
    await input.pipe('a', 'x', { timestampMs: 1 })
    await driver.commit()
    await input.pipe('a', 'x', { timestampMs: 2 })
    await driver.crash()
    await driver.resume({ keepState })
    await driver.commit()
    expect(values(driver)).toEqual([1, 2])
  },
)

test('records that come while it is down wait in the topic', async () => {
  await using driver = await createTestDriver(counts)
  const input = driver.input('in')
  await driver.crash()
  await input.pipe('a', 'x', { timestampMs: 1 })
  expect(values(driver)).toEqual([])
  await expect(driver.commit()).rejects.toMatchObject({ code: 'MILLRACE_TESTING_STATE' })
  await driver.resume()
  expect(values(driver)).toEqual([1])
  await expect(driver.resume()).rejects.toMatchObject({ code: 'MILLRACE_TESTING_STATE' })
})

// What a crash before each step leads to, at least once: results that were acknowledged come again
// until the offsets are committed; nothing is counted twice.
const expected: { readonly [S in CommitStep]: readonly number[] } = {
  seal: [1, 2, 3],
  flush: [1, 2, 3],
  offsets: [1, 2, 2, 3],
  commit: [1, 2, 2, 3],
  apply: [1, 2, 3],
  publish: [1, 2, 3],
}

test.each(commitSteps)('a crash before the step %s of a commit changes no value', async (step) => {
  for (const keepState of [true, false]) {
    await using driver = await createTestDriver(counts, { commitAfterEachRecord: false })
    const input = driver.input('in')
    await input.pipe('a', 'x', { timestampMs: 1 })
    await driver.commit()
    await input.pipe('a', 'x', { timestampMs: 2 })
    await driver.crash({ before: step })
    await driver.resume({ keepState })
    await driver.commit()
    await input.pipe('a', 'x', { timestampMs: 3 })
    await driver.commit()
    expect(values(driver)).toEqual(expected[step])
    expect(await driver.store('counts').get('a', 0)).toBe(3)
  }
})
