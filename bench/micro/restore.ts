// How fast a changelog is taken into an empty LevelDB, without Kafka. Run it with
//   node --conditions=source bench/micro/restore.ts [records]

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { number, string } from '@millrace/record'
import { LevelBackend, MemoryBackend, type StateBackend, TaskState } from '@millrace/store'

const recordCount = Number(process.argv[2] ?? '500000')
const records = await changelog()
const backend = await LevelBackend.open({
  location: mkdtempSync(join(tmpdir(), 'millrace-bench-')),
})
const state = await open(backend)
const restore = state.restore({ committedOffsets: [recordCount], startedAtMs: 0 })
const startedAtMs = performance.now()
for (let from = 0; from < records.length; from += 10_000) {
  const some = records.slice(from, from + 10_000)
  await restore.apply('counts', some, from + some.length)
}
const counts = await restore.finish({ inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
const perSecond = Math.round((counts.applied / (performance.now() - startedAtMs)) * 1_000)
process.stdout.write(`restored ${counts.applied} records, ${perSecond} a second\n`)
await backend.destroy()

async function changelog() {
  const source = await open(new MemoryBackend())
  const store = source.store<string, number>('counts')
  for (let i = 0; i < recordCount; i++) {
    const row = store.row(`customer-${i % 10_000}`, Math.floor(i / 10_000) * 60_000)
    row.value = i
    row.timestampMs = i
    store.changed(row)
  }
  const sealed = await source.seal()
  return (sealed.stores[0]?.records ?? []).map((record, offset) => ({ offset, ...record }))
}

function open(of: StateBackend): Promise<TaskState> {
  return TaskState.open({
    backend: of,
    stores: [
      {
        name: 'counts',
        kind: 'window',
        keySerde: string,
        valueSerde: number,
        version: 1,
        window: { sizeMs: 60_000, graceMs: 0 },
        why: 'bench',
      },
    ],
    identity: { applicationId: 'bench', taskId: '0_0', fingerprint: '' },
    position: { sourceIndex: 0, offset: 0 },
    cacheRowsMax: 10_000,
  })
}
