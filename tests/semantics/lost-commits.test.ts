import { json, topology, tumbling } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

// A commit that is lost after its flush leaves results and changelog records that nobody committed.
// At least once lets results come again; it does not let what they said stand for ever.

const lost = [
  { before: 'offsets', keepState: true },
  { before: 'offsets', keepState: false },
  { before: 'commit', keepState: true },
  { before: 'commit', keepState: false },
] as const

describe.each(lost)('a commit lost before its step $before (keepState: $keepState)', (how) => {
  test('a row that is made again and deleted is gone downstream, and stays gone', async () => {
    const sums = topology((t) => {
      t.stream('in', { value: json<number>() })
        .groupByKey()
        .reduce((sum, number) => (number === 0 ? null : sum + number), { name: 'sums' })
        .to('out')
    })
    await using driver = await createTestDriver(sums, { commitAfterEachRecord: false })
    const input = driver.input<string, number>('in')
    await input.pipe('a', 4, { timestampMs: 1 })
    await driver.crash({ before: how.before })
    await driver.resume({ keepState: how.keepState })
    await input.pipe('a', 0, { timestampMs: 2 })
    await driver.commit()
    expect(driver.output('out').readAll().at(-1)).toMatchObject({ key: 'a', value: null })
    await driver.crash()
    await driver.resume({ keepState: false })
    expect(await driver.store('sums').entries()).toEqual([])
  })

  test('a window that closes before it is committed does not come back', async () => {
    const counts = topology((t) => {
      t.stream('in', { value: json<number>() })
        .groupByKey()
        .windowedBy(tumbling({ size: 10, grace: 0 }))
        .count({ name: 'counts' })
        .to('out')
    })
    await using driver = await createTestDriver(counts, { commitAfterEachRecord: false })
    const input = driver.input<string, number>('in')
    await input.pipe('a', 1, { timestampMs: 1 })
    await driver.crash({ before: how.before })
    await driver.resume({ keepState: how.keepState })
    await input.pipe('a', 1, { timestampMs: 100 })
    await driver.commit()
    await driver.crash()
    await driver.resume({ keepState: false })
    const open = await driver.store('counts').entries()
    expect(open).toMatchObject([{ window: { startMs: 100, endMs: 110 } }])
  })
})
