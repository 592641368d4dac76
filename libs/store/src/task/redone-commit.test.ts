// A commit was cut short when its changelog records were written and its input offsets were not.
// The next run does the same work in larger commits: what it made and let go in one of them must
// not come back from the records of the first.

import { expect, test } from 'vitest'
import type { ChangelogRecord } from '../changelog/changelog-record.ts'
import { MemoryBackend } from '../memory/memory-backend.ts'
import type { SealedChanges } from './sealed-changes.ts'
import { add, addToWindow, contentOf, open, opened, positionsAt } from './task-state-fixture.ts'

/** The state made of these changelog records, with the input committed up to offset 5. */
async function restored(name: string, commits: readonly SealedChanges[]) {
  const state = await open(new MemoryBackend())
  const restore = state.restore({ committedOffsets: [5], startedAtMs: 5 })
  const records = commits
    .flatMap(({ stores }) => stores.find((store) => store.name === name)?.records ?? [])
    .map((record: ChangelogRecord, offset) => ({ ...record, offset }))
  await restore.apply(name, records, records.length)
  await restore.finish(positionsAt(1))
  return contentOf(state, name)
}

test('a row that was made and deleted in one commit does not come back', async () => {
  const cutShort = await opened()
  cutShort.position.offset = 3
  add(cutShort.store, 'a', 1)
  const first = await cutShort.state.seal()

  const again = await opened()
  again.position.offset = 3
  add(again.store, 'a', 1)
  again.position.offset = 4
  const row = again.store.row('a')
  row.value = null
  again.store.changed(row)
  expect(await restored('totals', [first, await again.state.seal()])).toEqual([])
})

test('neither does a row that left with its window', async () => {
  const cutShort = await opened()
  cutShort.position.offset = 3
  addToWindow(cutShort.windows, 'a', 60)
  const first = await cutShort.state.seal()

  const again = await opened()
  again.position.offset = 3
  addToWindow(again.windows, 'a', 60)
  again.position.offset = 4
  addToWindow(again.windows, 'a', 120)
  again.windows.expireThrough(60)
  const second = await again.state.seal()
  expect(await restored('per-minute', [first, second])).toEqual(['a@120=1'])
})
