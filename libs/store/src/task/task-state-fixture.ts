// A task's state with a key-value store `totals` and a window store `per-minute`, for tests.

import { number, string } from '@millrace/record'
import type { StateBackend } from '../backend.ts'
import { stampOf } from '../changelog/changelog-record.ts'
import { MemoryBackend } from '../memory/memory-backend.ts'
import type { Store, StoreSpec } from '../store.ts'
import type { SealedChanges } from './sealed-changes.ts'
import { TaskState, type TaskStateOptions } from './task-state.ts'

const totals = spec('totals', 'key-value')
export const perMinute = spec('per-minute', 'window')

export async function opened(options: Partial<TaskStateOptions> = {}) {
  const backend = new MemoryBackend()
  const position = { sourceIndex: 0, offset: 0 }
  const state = await open(backend, { position, ...options })
  const store = state.store<string, number>('totals')
  return { backend, position, state, store, windows: state.store<string, number>('per-minute') }
}

export function open(
  backend: StateBackend,
  options: Partial<TaskStateOptions> = {},
): Promise<TaskState> {
  return TaskState.open({
    backend,
    stores: [totals, perMinute],
    identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
    position: { sourceIndex: 0, offset: 0 },
    cacheRowsMax: 1_000,
    ...options,
  })
}

export function add(
  store: Store<string, number>,
  key: string,
  amount: number,
  timestampMs = 0,
): void {
  const row = store.row(key)
  row.value = (row.value ?? 0) + amount
  row.timestampMs = Math.max(row.timestampMs, timestampMs)
  store.changed(row)
}

export function addToWindow(
  store: Store<string, number>,
  key: string,
  windowStartMs: number,
): void {
  const row = store.row(key, windowStartMs)
  row.value = (row.value ?? 0) + 1
  store.changed(row)
}

export async function commit(state: TaskState): Promise<SealedChanges> {
  const sealed = await state.seal()
  await state.apply(sealed, positionsAt(1))
  return sealed
}

export function positionsAt(atMs: number) {
  return { inputOffsets: [], changelogOffsets: new Map<string, number>(), atMs }
}

export function stampsOf(sealed: SealedChanges) {
  return sealed.stores.flatMap(({ records }) => records.map(({ headers }) => stampOf(headers)))
}

export async function contentOf(state: TaskState, name: string): Promise<readonly string[]> {
  const content: string[] = []
  for await (const { key, windowStartMs, value } of state.entries<string, number>(name)) {
    content.push(windowStartMs < 0 ? `${key}=${value}` : `${key}@${windowStartMs}=${value}`)
  }
  return content
}

/** Rows of the window store, shown or not. */
export async function rowsIn(backend: StateBackend): Promise<number> {
  let rows = 0
  for await (const _ of backend.keys({ gte: Buffer.of(2, 1) })) rows++
  return rows
}

export function spec(name: string, kind: StoreSpec['kind']): StoreSpec {
  return {
    name,
    kind,
    keySerde: string,
    valueSerde: number,
    version: 1,
    why: 'test',
  }
}
