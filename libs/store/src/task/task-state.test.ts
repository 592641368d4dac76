import { expect, test } from 'vitest'
import { identityKey, positionsKey } from '../layout.ts'
import { MemoryBackend } from '../memory/memory-backend.ts'
import { add, commit, contentOf, open, opened, perMinute, spec } from './task-state-fixture.ts'

test('positions are those of the last commit; a store without changes keeps its own', async () => {
  const { state, store, backend } = await opened()
  expect(state.positions).toMatchObject({ inputOffsets: [], committedAtMs: -1 })
  add(store, 'a', 1)
  const inputOffsets = [{ topic: 'in', partition: 3, offset: 8 }]
  const changelogOffsets = new Map([['totals', 4]])
  await state.apply(await state.seal(), { inputOffsets, changelogOffsets, atMs: 1 })
  await state.apply(await state.seal(), {
    inputOffsets: [{ topic: 'in', partition: 3, offset: 9 }],
    changelogOffsets: new Map([['per-minute', 2]]),
    atMs: 2,
  })
  const { positions } = await open(backend)
  expect(positions).toEqual({
    inputOffsets: [{ topic: 'in', partition: 3, offset: 9 }],
    changelogOffsets: new Map([
      ['totals', 4],
      ['per-minute', 2],
    ]),
    committedAtMs: 2,
  })
})

test('the state of another task or application is refused, with a restore as the way on', async () => {
  const { state, backend } = await opened()
  await commit(state)
  for (const other of [{ taskId: '0_1' }, { applicationId: 'other' }]) {
    const identity = { applicationId: 'app', taskId: '0_0', fingerprint: 'f', ...other }
    await expect(open(backend, { identity })).rejects.toMatchObject({
      code: 'MILLRACE_STORE_FOREIGN',
      recovery: 'restore-task',
    })
  }
})

test('rows without positions are of unknown age: the state is corrupt, not empty', async () => {
  const { state, store, backend } = await opened()
  add(store, 'a', 1)
  await commit(state)
  await backend.write([{ key: positionsKey, value: null }])
  await expect(open(backend)).rejects.toMatchObject({
    code: 'MILLRACE_STORE_CORRUPT',
    recovery: 'restore-task',
  })
})

test('another plan is reported and not judged, and recorded with the next commit', async () => {
  const { state, backend } = await opened()
  expect(state.recorded).toBeUndefined()
  await commit(state)
  const identity = { applicationId: 'app', taskId: '0_0', fingerprint: 'changed' }
  const added = spec('added', 'key-value')
  const changed = await open(backend, { identity, stores: [added, perMinute] })
  expect(changed.recorded?.fingerprint).toBe('f')
  await commit(changed)
  const { recorded } = await open(backend, { identity, stores: [added] })
  expect(recorded?.fingerprint).toBe('changed')
  expect([...(recorded?.stores ?? [])].map(([name, { id }]) => [name, id])).toEqual([
    ['totals', 1],
    ['per-minute', 2],
    ['added', 3],
  ])
})

test('a store name that changed its kind is refused', async () => {
  const { state, backend } = await opened()
  await commit(state)
  const opening = open(backend, { stores: [spec('totals', 'window')] })
  await expect(opening).rejects.toMatchObject({ code: 'MILLRACE_STORE_KIND_CHANGED' })
})

test.each([
  ['an identity cut short', identityKey],
  ['positions cut short', positionsKey],
])('%s is corrupt', async (_title, key) => {
  const { state, store, backend } = await opened()
  add(store, 'a', 1)
  await commit(state)
  const torn = (backend.getSync(key) as Buffer).subarray(0, -1)
  await backend.write([{ key, value: torn }])
  await expect(open(backend)).rejects.toMatchObject({ code: 'MILLRACE_STORE_CORRUPT' })
})

test('data without an identity is corrupt', async () => {
  const backend = new MemoryBackend()
  await backend.write([{ key: Buffer.from('x'), value: Buffer.from('y') }])
  await expect(open(backend)).rejects.toMatchObject({ code: 'MILLRACE_STORE_CORRUPT' })
})

test('a value damaged on disk is never returned', async () => {
  const { state, store, backend } = await opened()
  add(store, 'a', 1)
  await commit(state)
  for await (const [key, value] of backend.entries({ gte: Buffer.of(1) })) {
    value[value.length - 1] = 0xff
    await backend.write([{ key, value }])
  }
  const reopened = await open(backend)
  expect(() => reopened.store('totals').row('a')).toThrow(/MILLRACE_STORE_CORRUPT/)
  await expect(contentOf(reopened, 'totals')).rejects.toThrow(/MILLRACE_STORE_CORRUPT/)
})
