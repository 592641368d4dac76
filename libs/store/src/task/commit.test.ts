import { expect, test } from 'vitest'
import {
  add,
  addToWindow,
  commit,
  contentOf,
  open,
  opened,
  positionsAt,
  rowsIn,
  stampsOf,
} from './task-state-fixture.ts'

test('a row is the same object until the commit, and its value is there after it', async () => {
  const { state, store } = await opened()
  const row = store.row('a')
  expect([row.value, row.existed, row.timestampMs]).toEqual([null, false, -1])
  row.value = 1
  store.changed(row)
  expect(store.row('a')).toBe(row)
  await commit(state)
  const again = store.row('a')
  expect([again.value, again.existed, again.revision]).toEqual([1, true, 1])
})

test('rows changed show in the order of their first change, each once', async () => {
  const { store } = await opened()
  for (const key of ['b', 'a', 'b']) add(store, key, 1)
  expect(store.changedRows().map((row) => [row.key, row.value])).toEqual([
    ['b', 2],
    ['a', 1],
  ])
})

test('a commit gives each changed row one record with the position that changed it last', async () => {
  const { state, store, position } = await opened()
  position.offset = 7
  add(store, 'a', 1, 1_000)
  position.sourceIndex = 1
  position.offset = 9
  add(store, 'a', 1, 900)
  const sealed = await state.seal()
  expect(stampsOf(sealed)).toEqual([
    { kind: 'put', timestampMs: 1_000, sourceIndex: 1, sourceOffset: 9, revision: 1 },
  ])
  expect(sealed.stores[0]?.records[0]?.value).toBe(sealed.stores[0]?.operations[0]?.value)
})

test('a deleted row leaves a tombstone, and so does one that no commit had', async () => {
  const { state, store } = await opened()
  add(store, 'a', 1)
  await commit(state)
  for (const key of ['a', 'b']) {
    const row = store.row(key)
    row.value = null
    store.changed(row)
  }
  const sealed = await commit(state)
  // Of 'b' a commit that was lost after its flush may have left a value in the changelog.
  expect(stampsOf(sealed).map((stamp) => stamp?.kind)).toEqual([
    'tombstone-deleted',
    'tombstone-deleted',
  ])
  expect(await contentOf(state, 'totals')).toEqual([])
  add(store, 'a', 5)
  expect(store.row('a')).toMatchObject({ value: 5, revision: 1, existed: false })
})

test('a commit without changes has no records', async () => {
  const { state, store } = await opened()
  store.row('a')
  store.setMeta('time', Buffer.from('1'))
  await commit(state)
  store.setMeta('time', Buffer.from('1'))
  expect((await commit(state)).recordCount).toBe(0)
})

test('changes made between seal and apply belong to the next commit', async () => {
  const { state, store, backend } = await opened({ cacheRowsMax: 0 })
  add(store, 'a', 1)
  add(store, 'b', 1)
  const kept = store.row('b')
  const first = await state.seal()
  add(store, 'a', 1)
  kept.value = 9
  store.changed(kept)
  const inUse = store.row('c')
  await state.apply(first, positionsAt(1))
  expect(store.row('b') === kept && store.row('c') === inUse).toBe(true)
  expect(await contentOf(state, 'totals')).toEqual(['a=1', 'b=1'])
  const second = await commit(state)
  expect(stampsOf(second).map((stamp) => stamp?.revision)).toEqual([2, 2])
  expect(await contentOf(state, 'totals')).toEqual(['a=2', 'b=9'])
  const reopened = await open(backend)
  expect(reopened.store<string, number>('totals').row('a').value).toBe(2)
})

test('an abort takes everything back to the last commit', async () => {
  const { state, windows, store } = await opened()
  windows.setMeta('time', Buffer.from('1'))
  addToWindow(windows, 'a', 0)
  await commit(state)
  const stale = store.row('a')
  addToWindow(windows, 'a', 0)
  windows.setMeta('time', Buffer.from('2'))
  windows.expireThrough(0)
  await state.seal()
  await state.abort()
  expect(String(windows.meta('time'))).toBe('1')
  expect(state.uncommittedRows()).toBe(0)
  expect((await state.seal()).recordCount).toBe(0)
  await state.abort()
  expect(windows.row('a', 0)).toMatchObject({ value: 1, revision: 1, existed: true })
  addToWindow(windows, 'a', 0)
  expect(() => store.changed(stale)).toThrow(/a row is not kept beyond the commit/)
})

test('windows leave with the commit after they closed, from memory and from disk alike', async () => {
  //  0 [----)           rows a, b
  // 60      [----)      row a
  // 120          [----) row a, open
  for (const restarts of [false, true]) {
    const { state, windows, backend } = await opened()
    addToWindow(windows, 'a', 0)
    addToWindow(windows, 'b', 0)
    addToWindow(windows, 'a', 60)
    addToWindow(windows, 'a', 120)
    await commit(state)
    const after = restarts ? await open(backend) : state
    const store = after.store<string, number>('per-minute')
    addToWindow(store, 'c', 60)
    store.expireThrough(60)
    const sealed = await commit(after)
    expect(stampsOf(sealed).map((stamp) => stamp?.kind)).toEqual([
      'tombstone-expired',
      'tombstone-expired',
      'tombstone-expired',
      'meta',
    ])
    expect(await contentOf(after, 'per-minute')).toEqual(['a@120=1'])
    expect(await rowsIn(backend)).toBe(1)
    expect(() => addToWindow(store, 'a', 60)).toThrow(/a closed window takes no more changes/)
  }
})

test('many expired rows leave over several commits and do not show meanwhile', async () => {
  const { state, windows, backend } = await opened({ expiredRowsMax: 2 })
  for (const key of ['a', 'b', 'c']) addToWindow(windows, key, 0)
  addToWindow(windows, 'a', 60)
  await commit(state)
  windows.expireThrough(60)
  const left: number[] = []
  for (let i = 0; i < 3; i++) {
    await commit(state)
    expect(await contentOf(state, 'per-minute')).toEqual(i === 0 ? ['c@0=1', 'a@60=1'] : [])
    left.push(await rowsIn(backend))
  }
  expect(left).toEqual([2, 0, 0])
})

test('rows over the bound leave memory after the commit, those not used lately first', async () => {
  const { state, store } = await opened({ cacheRowsMax: 20 })
  for (let i = 0; i < 10; i++) add(store, `cold-${i}`, 1)
  await commit(state)
  add(store, 'hot', 1)
  await commit(state)
  expect(state.counts().get('totals')).toMatchObject({ rowCount: 9, evictedTotal: 2 })
  const readsBefore = state.counts().get('totals')?.backendReadsTotal ?? 0
  add(store, 'hot', 1)
  expect(state.counts().get('totals')?.backendReadsTotal).toBe(readsBefore)
  expect(store.row('cold-0').value).toBe(1)
  expect(state.counts().get('totals')?.backendReadsTotal).toBe(readsBefore + 1)
})

test('rows read and rows changed count as uncommitted until the commit', async () => {
  const { state, store } = await opened()
  add(store, 'a', 1)
  add(store, 'a', 1)
  store.row('b')
  expect(state.uncommittedRows()).toBe(2)
  await commit(state)
  store.row('a')
  expect(state.uncommittedRows()).toBe(0)
  add(store, 'a', 1)
  expect(state.uncommittedRows()).toBe(1)
})

test('what is uncommitted is known in bytes too, by the rows of the commit before', async () => {
  const { state, store } = await opened()
  add(store, 'a', 1)
  expect(state.uncommittedBytes()).toBe(1_024)
  const [sealed] = (await commit(state)).stores
  expect(state.uncommittedBytes()).toBe(0)
  for (const key of ['b', 'c']) add(store, key, 1)
  const [operation] = sealed?.operations ?? []
  const rowBytes = (operation?.key.length ?? 0) + (operation?.value?.length ?? 0)
  expect(state.uncommittedBytes()).toBe(2 * rowBytes)
})

test('a new window is known to be empty, so that its rows are never looked up', async () => {
  const { state, windows } = await opened()
  for (const key of ['a', 'b']) addToWindow(windows, key, 0)
  await commit(state)
  for (const key of ['a', 'c']) addToWindow(windows, key, 0)
  expect(state.counts().get('per-minute')?.backendReadsTotal).toBe(0)
})
