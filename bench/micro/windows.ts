// The way of a record through the windowed aggregations, without Kafka: CPU time with commits every
// 50,000 records. Run it with
//   node --conditions=source bench/micro/windows.ts [updates|final] [records]

import {
  agendaStore,
  countFold,
  type Emission,
  SessionAggregate,
  SlidingAggregate,
  sessionRowSerde,
  slidingBucketSerde,
  WindowedAggregate,
} from '@millrace/operators'
import { noHeaders, number, type Serde, string } from '@millrace/record'
import { MemoryBackend, type StoreSpec, TaskState } from '@millrace/store'
import { hopping, session, sliding, tumbling } from '@millrace/time'
import type { Collector, Processor } from '@millrace/topology'

const [emit = 'updates', recordsArgument = '1000000'] = process.argv.slice(2)
const records = Number(recordsArgument)
const emission: Emission =
  emit === 'final' ? { kind: 'final' } : { kind: 'updates', everyUpdate: false }
const common = {
  storeName: 'counts',
  agendaName: 'due',
  fold: countFold<string, number>(),
  emission,
}
const keys = Array.from({ length: 1 << 16 }, (_, i) =>
  Buffer.from(`customer-${(Math.imul(i, 2654435761) >>> 0) % 10_000}`).toString('latin1'),
)

const operators: { readonly [name: string]: () => readonly [Processor, Partial<StoreSpec>] } = {
  tumbling: () => [
    new WindowedAggregate({ ...common, windows: tumbling({ size: '1m' }) }),
    { kind: 'window' },
  ],
  'hopping 5x': () => [
    new WindowedAggregate({
      ...common,
      windows: hopping({ size: '1m', advance: '12s' }),
    }),
    { kind: 'window' },
  ],
  session: () => [
    new SessionAggregate({ ...common, windows: session({ gap: '5s' }) }),
    { valueSerde: sessionRowSerde(number) as Serde<unknown> },
  ],
  sliding: () => [
    new SlidingAggregate({
      ...common,
      windows: sliding({ timeDifference: '2s' }),
      aggregates: number,
    }),
    { kind: 'window', valueSerde: slidingBucketSerde(number) as Serde<unknown> },
  ],
}

for (const [name, make] of Object.entries(operators)) {
  const [operator, store] = make()
  await run(name, operator, store)
}

async function run(name: string, operator: Processor, store: Partial<StoreSpec>): Promise<void> {
  const serdes = { keySerde: string, valueSerde: number }
  const spec = { name: 'counts', kind: 'key-value', ...serdes, version: 1, why: 'bench', ...store }
  const state = await TaskState.open({
    backend: new MemoryBackend(),
    stores: [spec as StoreSpec, agendaStore('due', 'bench')],
    identity: { applicationId: 'bench', taskId: '0_0', fingerprint: '' },
    position: { sourceIndex: 0, offset: 0 },
    cacheRowsMax: 1_000_000,
  })
  let streamTimeMs = -1
  const time = {
    observe: (timestampMs: number) => (streamTimeMs = Math.max(streamTimeMs, timestampMs)),
    get streamTimeMs() {
      return streamTimeMs
    },
  }
  operator.init?.({
    taskId: { subTopology: 0, partition: 0 },
    nodeName: name,
    store: (of: string) => state.store(of),
    time: () => time,
  } as never)
  let results = 0
  const collector = { forward: () => results++, late() {}, drop() {} } as unknown as Collector
  const before = process.cpuUsage().user
  for (let i = 0; i < records; ) {
    for (const end = Math.min(records, i + 50_000); i < end; i++) {
      const timestampMs = 1_700_000_000_000 + Math.floor(i / 5)
      const key = keys[i & 0xffff]
      operator.process({ key, value: 1, timestampMs, headers: noHeaders }, collector)
    }
    operator.flush?.(collector)
    const sealed = await state.seal()
    await state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
  }
  const seconds = (process.cpuUsage().user - before) / 1e6
  const rate = Math.round(records / seconds / 1_000)
  process.stdout.write(`${name}, ${emit}: ${rate} k records/s, ${results} results\n`)
}
