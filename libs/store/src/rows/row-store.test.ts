import { string } from '@millrace/record'
import { expect, test } from 'vitest'
import { MemoryBackend } from '../memory/memory-backend.ts'
import { addToWindow, commit, open, opened, spec } from '../task/task-state-fixture.ts'

test('a row can be looked at without staying in memory, changed or committed', async () => {
  const { state, backend, windows } = await opened()
  addToWindow(windows, 'a', 60)
  expect(windows.read('a', 60)).toMatchObject({ value: 1, revision: 1 })
  expect(windows.read('b', 60)).toBeUndefined()
  await commit(state)
  const later = await open(backend)
  expect(later.store('per-minute').read('a', 60)).toMatchObject({ value: 1, revision: 1 })
  expect(later.store('per-minute').read('a', 120)).toBeUndefined()
  expect(later.counts().get('per-minute')?.rowCount).toBe(0)
})

test('a deleted row is absent to the look at it', async () => {
  const { windows } = await opened()
  addToWindow(windows, 'a', 60)
  windows.row('a', 60).value = null
  expect(windows.read('a', 60)).toBeUndefined()
})

test('the windows with rows are known at once after a restart, closed ones left out', async () => {
  const { state, backend, windows } = await opened()
  for (const startMs of [120, 0, 60]) addToWindow(windows, 'a', startMs)
  await commit(state)
  expect(windows.windowStarts()).toEqual([0, 60, 120])
  windows.expireThrough(0)
  await commit(state)
  const later = await open(backend)
  expect(later.store('per-minute').windowStarts()).toEqual([60, 120])
})

test('a store that says how many rows it keeps in memory keeps no more', async () => {
  const stores = [{ ...spec('totals', 'key-value'), cacheRowsMax: 10 }]
  const bound = await open(new MemoryBackend(), { stores })
  const store = bound.store<string, number>('totals')
  for (let nth = 0; nth < 50; nth++) {
    const row = store.row(`k${nth}`)
    row.value = nth
    store.changed(row)
  }
  await commit(bound)
  await commit(bound)
  expect(bound.counts().get('totals')?.rowCount).toBeLessThanOrEqual(10)
})

test('a store keeps no more bytes than it may, however few the rows are', async () => {
  const valueSerde = string
  const stores = [{ ...spec('totals', 'key-value'), valueSerde }]
  const bound = await open(new MemoryBackend(), { stores, cacheBytesMax: 10_000 })
  const store = bound.store<string, string>('totals')
  const write = (nth: number): void => {
    const row = store.row(`k${nth}`)
    row.value = 'x'.repeat(1_000)
    store.changed(row)
  }
  for (let nth = 0; nth < 50; nth++) write(nth)
  await commit(bound)
  await commit(bound)
  expect(bound.counts().get('totals')?.rowCount).toBeLessThan(10)
  // What was read again counts like what was written.
  for (let nth = 0; nth < 50; nth++) expect(store.row(`k${nth}`).value).toHaveLength(1_000)
  await commit(bound)
  await commit(bound)
  expect(bound.counts().get('totals')?.rowCount).toBeLessThan(10)
  expect(bound.counts().get('totals')?.rowCount).toBeGreaterThan(5)
})
