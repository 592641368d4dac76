import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskWatch, faultOf } from './disk-watch.ts'
import { measureDisk } from './measure-disk.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-disk-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const quiet = { onMeasured() {}, onFull() {} }

function write(task: string, sizeBytes: number): void {
  mkdirSync(join(directory, task), { recursive: true })
  writeFileSync(join(directory, task, '000001.ldb'), Buffer.alloc(sizeBytes))
}

test('the state is measured task by task, with what is free', async () => {
  write('0_0', 1_000)
  write('0_1', 234)
  writeFileSync(join(directory, 'process-id'), 'abcdef')
  const use = await measureDisk(directory)
  expect([...use.bytesByName].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
    ['0_0', 1_000],
    ['0_1', 234],
    ['process-id', 6],
  ])
  expect(use.totalBytes).toBe(1_240)
  expect(use.freeBytes).toBeGreaterThan(0)
})

test('a process does not start above its budget, and says by how much', async () => {
  write('0_0', 2_000)
  const options = { directory, budgetBytes: 1_999, reserveBytes: 0, ...quiet }
  await expect(new DiskWatch(options).start()).rejects.toMatchObject({
    code: 'MILLRACE_PROCESSOR_DISK',
    message: expect.stringContaining('takes 2000 bytes, more than MILLRACE_STATE_DISK_BUDGET'),
  })
})

test('the budget itself is not above it, and a missing directory holds nothing', async () => {
  write('0_0', 2_000)
  await using stack = new AsyncDisposableStack()
  for (const at of [directory, join(directory, 'new')]) {
    const watch = new DiskWatch({ directory: at, budgetBytes: 2_000, reserveBytes: 0, ...quiet })
    stack.defer(() => watch.close())
    await expect(watch.start()).resolves.toBeUndefined()
  }
})

test('less free than the reserve stops it, unless the reserve is 0', () => {
  const use = { totalBytes: 10, freeBytes: 99 }
  const options = { directory: '/state', budgetBytes: null, ...quiet }
  expect(faultOf(use, { ...options, reserveBytes: 100 })?.message).toContain('has 99 bytes free')
  expect(faultOf(use, { ...options, reserveBytes: 99 })).toBeNull()
  expect(faultOf({ ...use, freeBytes: 0 }, { ...options, reserveBytes: 0 })).toBeNull()
})
