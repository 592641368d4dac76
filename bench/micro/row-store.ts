// The way of a record through a store, without Kafka: `row`, a change of its fields, `changed`,
// and a commit (seal and apply) every 50,000 records. Run it with
//   node --conditions=source bench/micro/row-store.ts [memory|leveldb] [records]

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { number, string } from '@millrace/record'
import { LevelBackend, MemoryBackend, type StateBackend, TaskState } from '@millrace/store'

const keyCount = 10_000
const windowMs = 60_000
const recordsPerWindow = 1_000_000
const [backendName = 'leveldb', recordsArgument = '8000000'] = process.argv.slice(2)
const recordCount = Number(recordsArgument)

const backend = await openBackend(backendName)
const position = { sourceIndex: 0, offset: 0 }
const state = await TaskState.open({
  backend,
  stores: [
    {
      name: 'counts',
      kind: 'window',
      keySerde: string,
      valueSerde: number,
      version: 1,
      window: { sizeMs: windowMs, graceMs: windowMs },
      why: 'bench',
    },
  ],
  identity: { applicationId: 'bench', taskId: '0_0', fingerprint: '' },
  position,
  cacheRowsMax: 100_000,
})
const store = state.store<string, number>('counts')
// Keys as a consumer has them: fresh strings, equal to and not the same as the ones before.
const keys = Array.from({ length: 1 << 18 }, (_, i) =>
  Buffer.from(`customer-${(Math.imul(i, 2654435761) >>> 0) % keyCount}`).toString('latin1'),
)

let commitMs = 0
let runCpuMs = 0
let commits = 0
let records = 0
const firstStartMs = 1_700_000_040_000
const startedAtMs = performance.now()
while (records < recordCount) {
  const end = Math.min(records + 50_000, recordCount)
  const cpuBefore = process.cpuUsage().user
  run(records, end)
  runCpuMs += (process.cpuUsage().user - cpuBefore) / 1_000
  records = end
  const before = performance.now()
  const sealed = await state.seal()
  await state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
  commitMs += performance.now() - before
  commits++
}
const totalMs = performance.now() - startedAtMs
report('row() + changed()', totalMs - commitMs, recordCount)
report('the same, CPU time', runCpuMs, recordCount)
report('with commits', totalMs, recordCount)
print(`${commits} commits of ${(commitMs / commits).toFixed(1)} ms`)
print(JSON.stringify(state.counts().get('counts')))
await backend.destroy()

function run(from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const timestampMs = firstStartMs + Math.floor((i * windowMs) / recordsPerWindow)
    const windowStartMs = timestampMs - (timestampMs % windowMs)
    position.offset = i
    const row = store.row(keys[i & ((1 << 18) - 1)] as string, windowStartMs)
    row.value = (row.value ?? 0) + 1
    if (timestampMs > row.timestampMs) row.timestampMs = timestampMs
    store.changed(row)
    if (i % 1_000 === 0) store.expireThrough(windowStartMs - 2 * windowMs)
  }
}

async function openBackend(name: string): Promise<StateBackend> {
  if (name === 'memory') return new MemoryBackend()
  return LevelBackend.open({ location: mkdtempSync(join(tmpdir(), 'millrace-bench-')) })
}

function report(what: string, elapsedMs: number, count: number): void {
  const perSecond = Math.round((count / elapsedMs) * 1_000)
  print(`${what.padEnd(20)} ${(perSecond / 1e6).toFixed(2)} M/s`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
