import { number, type Serde, string } from '@millrace/record'
import { expect, test } from 'vitest'
import { writeInt64 } from '../bytes/int64.ts'
import { type ChangeStamp, changelogRecord } from '../changelog/changelog-record.ts'
import { changelogKey, metaKey, rowKey } from '../layout.ts'
import { MemoryBackend } from '../memory/memory-backend.ts'
import { encodeRow } from '../rows/row-codec.ts'
import { expiredThroughMeta } from '../rows/row-store.ts'
import { noWindow } from '../store.ts'
import { TaskState } from '../task/task-state.ts'
import type { RestoredRecord } from './restore.ts'

const storeId = 1

test('records beyond the committed position of their source are passed over', async () => {
  const { state, restore } = await restoring([10, null])
  await restore.apply('store', [put(0, 'a', 1, at(0, 9)), put(1, 'a', 2, at(0, 10))], 2)
  await restore.apply('store', [put(2, 'b', 1, at(1, 0)), put(3, 'c', 1, at(0, -1))], 4)
  const counts = await restore.finish(committed(4))
  expect(counts).toMatchObject({ applied: 2, passedOver: 2, takenBeyond: 0 })
  expect(await contentOf(state)).toEqual(['a=1', 'c=1'])
})

test('a change passed over is read again by whoever opens the state after it was committed', async () => {
  const { backend, state, restore } = await restoring([10])
  // The offsets were read, the reader stood still, and a new owner committed record 10 meanwhile.
  await restore.apply('store', [put(0, 'a', 1, at(0, 9), 1), put(1, 'a', 2, at(0, 10), 2)], 3)
  await restore.finish({ ...committed(3), changelogOffsets: new Map() })
  expect(await contentOf(state)).toEqual(['a=1'])
  const again = await open(backend)
  expect(again.positions.changelogOffsets.get('store')).toBe(1)
  const tail = again.restore({ committedOffsets: [11], startedAtMs: 0 })
  await tail.apply('store', [put(1, 'a', 2, at(0, 10), 2)], 3)
  await tail.finish({ ...committed(3), changelogOffsets: new Map() })
  expect(await contentOf(again)).toEqual(['a=2'])
  expect(again.positions.changelogOffsets.get('store')).toBe(3)
})

test('where compaction removed what a change in doubt replaced, the change is taken in', async () => {
  const { state, restore } = await restoring([10])
  // Revision 3 stands alone: revision 2 was committed, and is gone.
  await restore.apply('store', [put(5, 'a', 3, at(0, 10), 3), put(6, 'b', 1, at(0, 10), 1)], 7)
  const counts = await restore.finish(committed(7))
  expect(counts).toMatchObject({ applied: 1, passedOver: 1, takenBeyond: 1 })
  expect(await contentOf(state)).toEqual(['a=3'])
})

test('the revision before may be in the same batch, or in one before', async () => {
  const { state, restore } = await restoring([10])
  await restore.apply('store', [put(0, 'a', 1, at(0, 1), 1), put(1, 'a', 2, at(0, 10), 2)], 2)
  await restore.apply('store', [put(2, 'a', 3, at(0, 10), 2)], 3)
  await restore.finish(committed(3))
  expect(await contentOf(state)).toEqual(['a=1'])
})

test('what a former owner wrote late does not replace a newer value', async () => {
  const { state, restore } = await restoring([10])
  await restore.apply('store', [put(0, 'a', 1, at(0, 1), 1), put(1, 'a', 3, at(0, 5), 3)], 2)
  await restore.apply('store', [put(2, 'a', 2, at(0, 3), 2)], 3)
  expect(await restore.finish(committed(3))).toMatchObject({ applied: 2, stale: 1 })
  expect(await contentOf(state)).toEqual(['a=3'])
})

test('of two writes of the same revision the one from the later record stays', async () => {
  const { state, restore } = await restoring([10])
  // The new owner read up to 5 in its first commit; the former one, stopped at 3, wakes up.
  await restore.apply('store', [put(0, 'a', 1, at(0, 1), 1), put(1, 'a', 5, at(0, 5), 2)], 2)
  await restore.apply('store', [put(2, 'a', 3, at(0, 3), 2)], 3)
  expect(await restore.finish(committed(3))).toMatchObject({ applied: 2, stale: 1 })
  expect(await contentOf(state)).toEqual(['a=5'])
})

test('what a former owner made of records that the state on disk has is left out', async () => {
  const { backend, restore } = await restoring([6])
  await restore.apply('store', [put(0, 'a', 1, at(0, 1), 1), put(1, 'a', 5, at(0, 5), 2)], 2)
  const inputOffsets = [{ topic: 'in', partition: 0, offset: 6 }]
  await restore.finish({ ...committed(2), inputOffsets })
  const again = await open(backend)
  const tail = again.restore({ committedOffsets: [6], startedAtMs: 5 })
  await tail.apply('store', [put(2, 'a', 3, at(0, 3), 2)], 3)
  expect(await tail.finish({ ...committed(3), inputOffsets })).toMatchObject({ stale: 1 })
  expect(await contentOf(again)).toEqual(['a=5'])
})

test('a row that came back after its deletion counts its revisions anew', async () => {
  const { state, restore } = await restoring([10])
  const deleted = { ...put(1, 'a', 0, at(0, 2)), value: null, headers: tombstoneHeaders(at(0, 2)) }
  await restore.apply('store', [put(0, 'a', 5, at(0, 1), 5), deleted], 2)
  await restore.apply('store', [put(2, 'a', 1, at(0, 3), 1)], 3)
  expect(await restore.finish(committed(3))).toMatchObject({ applied: 3, stale: 0 })
  expect(await contentOf(state)).toEqual(['a=1'])
})

test('an interrupted restore goes on where its last batch ended', async () => {
  const { backend, restore } = await restoring([10], 2)
  function* records(): Iterable<RestoredRecord> {
    for (let i = 0; i < 3; i++) yield put(i * 10, `key-${i}`, i, at(0, i))
    throw new Error('the process dies')
  }
  await expect(restore.apply('store', records(), 30)).rejects.toThrow('dies')
  const again = await open(backend)
  expect(again.positions.changelogOffsets.get('store')).toBe(11)
  // Its age is that of the restore: without one it would count as away for longer than any tombstone.
  expect(again.positions.committedAtMs).toBe(5)
  expect(await contentOf(again)).toEqual(['key-0=0', 'key-1=1'])
})

test('an end that holds no record, a marker or a compacted tail, still counts as reached', async () => {
  const { state, restore } = await restoring([10])
  await restore.apply('store', [], 17)
  expect(state.positions.changelogOffsets.get('store')).toBe(17)
})

test('a row of a window that had left before does not come back', async () => {
  const { state, restore } = await restoring([10])
  const expired = Buffer.alloc(8)
  writeInt64(expired, 60, 0)
  await restore.apply('windows', [putWindow(0, 60), putWindow(1, 120)], 2)
  await restore.apply('windows', [putMeta(2, expiredThroughMeta, expired)], 3)
  expect(await restore.finish(committed(3))).toMatchObject({ purged: 1 })
  const starts: number[] = []
  for await (const row of state.entries('windows')) starts.push(row.windowStartMs)
  expect(starts).toEqual([120])
})

test('operators find rows and metas in the stores they had before the restore', async () => {
  const { state, restore } = await restoring([10])
  const store = state.store<string, number>('store')
  expect(store.row('a').value).toBeNull()
  const time = putMeta(1, 'time', Buffer.from('42'))
  await restore.apply('store', [put(0, 'a', 7, at(0, 1)), time], 2)
  await restore.finish(committed(2))
  expect(store.row('a').value).toBe(7)
  expect(String(store.meta('time'))).toBe('42')
})

test.each([
  ['without a stamp', { ...put(3, 'a', 1, at(0, 0)), headers: [] }],
  ['without a key', { ...put(3, 'a', 1, at(0, 0)), key: null }],
  ['of a source that the plan does not have', put(3, 'a', 1, at(2, 0))],
])('a record %s stops the restore, naming store and offset', async (_title, record) => {
  const { restore } = await restoring([10])
  const applying = restore.apply('store', [record], 4)
  await expect(applying).rejects.toMatchObject({ code: 'MILLRACE_STORE_CHANGELOG' })
  await expect(applying).rejects.toThrow(/store, offset 3/)
})

async function restoring(committedOffsets: readonly (number | null)[], batchRecordsMax?: number) {
  const backend = new MemoryBackend()
  const state = await open(backend)
  const bound = batchRecordsMax === undefined ? {} : { batchRecordsMax }
  return { backend, state, restore: state.restore({ committedOffsets, startedAtMs: 5, ...bound }) }
}

function open(backend: MemoryBackend): Promise<TaskState> {
  const serdes = { keySerde: string, valueSerde: number as Serde<unknown> }
  return TaskState.open({
    backend,
    stores: [
      { name: 'store', kind: 'key-value', ...serdes, version: 1, why: 'test' },
      { name: 'windows', kind: 'window', ...serdes, version: 1, why: 'test' },
    ],
    identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
    position: { sourceIndex: 0, offset: -1 },
    cacheRowsMax: 10,
  })
}

interface Position {
  readonly sourceIndex: number
  readonly sourceOffset: number
}

function at(sourceIndex: number, sourceOffset: number): Position {
  return { sourceIndex, sourceOffset }
}

function put(
  offset: number,
  key: string,
  value: number,
  position: Position,
  revision = 1,
): RestoredRecord {
  const keyBytes = changelogKey(rowKey(storeId, noWindow, Buffer.from(key)))
  const row = encodeRow(keyBytes, 0, revision, number.serialize(value))
  const stamp: ChangeStamp = { kind: 'put', timestampMs: 0, revision, ...position }
  return { offset, ...changelogRecord(keyBytes, row, stamp) }
}

function tombstoneHeaders(position: Position) {
  const stamp: ChangeStamp = { kind: 'tombstone-deleted', timestampMs: 0, revision: 6, ...position }
  return changelogRecord(Buffer.of(1), null, stamp).headers
}

function putWindow(offset: number, windowStartMs: number): RestoredRecord {
  const key = changelogKey(rowKey(storeId, windowStartMs, Buffer.from('a')))
  const row = encodeRow(key, 0, 1, number.serialize(1))
  const stamp: ChangeStamp = { kind: 'put', timestampMs: 0, revision: 1, ...at(0, 0) }
  return { offset, ...changelogRecord(key, row, stamp) }
}

function putMeta(offset: number, name: string, value: Buffer): RestoredRecord {
  const key = changelogKey(metaKey(storeId, name))
  const stamp: ChangeStamp = { kind: 'meta', timestampMs: -1, revision: 0, ...at(0, 0) }
  return { offset, ...changelogRecord(key, encodeRow(key, -1, 0, value), stamp) }
}

function committed(changelogOffset: number) {
  return { inputOffsets: [], changelogOffsets: new Map([['store', changelogOffset]]), atMs: 0 }
}

async function contentOf(state: TaskState): Promise<readonly string[]> {
  const content: string[] = []
  for await (const { key, value } of state.entries<string, number>('store'))
    content.push(`${key}=${value}`)
  return content
}
