import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { expect, test } from 'vitest'
import { fetchAll, type LoneTask, openLoneTask } from './lone-task.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: string }).groupByKey().count({ name: 'counts' }).to('out')
})

/** What a test driver does: one task, a commit after each record. */
async function pipe(it: LoneTask, key: string): Promise<void> {
  const record = { key: Buffer.from(key), value: Buffer.from('v'), timestampMs: 1 }
  it.simulated.append('in', 0, record)
  await fetchAll(it)
  while (it.task.processNext()) await it.clock.run(it.committer.commit([it.task]))
}

test('a task is driven record by record, and resumed from its disk, without a worker', async () => {
  const first = await openLoneTask({ topology: counting })
  await pipe(first, 'a')
  await pipe(first, 'b')
  await pipe(first, 'a')
  await first.task.close()

  const second = await openLoneTask({ ...first, topology: counting })
  await pipe(second, 'a')
  const counts = first.simulated
    .readAll('out')
    .map(({ key, value }) => `${key?.toString()}=${value?.toString()}`)
  expect(counts).toEqual(['a=1', 'b=1', 'a=2', 'a=3'])
  await first.simulated.close()
})
