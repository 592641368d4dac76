// The way of a record through the joins of a stream, without Kafka: CPU time with commits every
// 50,000 records. Orders, and for nine of ten of them a payment some seconds later; with a table,
// the customer of each order. Run it with
//   node --conditions=source bench/micro/joins.ts [records]

import {
  agendaStore,
  type JoinKind,
  joinBucketMs,
  joinRowsSerde,
  StreamTableJoin,
  storeReader,
  streamStreamJoin,
  TableSource,
} from '@millrace/operators'
import { noHeaders, type Serde, string } from '@millrace/record'
import { MemoryBackend, type StoreSpec, TaskState } from '@millrace/store'
import { joinWindows } from '@millrace/time'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'

const records = Number(process.argv[2] ?? 1_000_000)
const windows = joinWindows({ after: '1m', grace: '10s' })
const joiner = (left: string | null, right: string | null) => `${left}${right}`
const keys = Array.from({ length: 1 << 16 }, (_, i) => `order-${i}`)
const paymentDelayMs = 5_000
const orderEveryMs = 2

interface Sides {
  readonly left: Processor
  readonly right: Processor
}

for (const kind of ['inner', 'left', 'outer'] as const)
  await run(`stream-stream ${kind}`, pair(kind))
await run('stream-table left', {
  stores: [store('rows', 'key-value', string)],
  sides: {
    left: new StreamTableJoin({
      kind: 'left',
      table: storeReader<string, string>('rows'),
      joiner,
    }),
    right: new TableSource('rows'),
  },
})

function pair(kind: JoinKind): { readonly stores: readonly StoreSpec[]; readonly sides: Sides } {
  const unmatchedNames = { left: 'left-due', right: 'right-due' }
  const join = streamStreamJoin<string, string, string, string>({
    kind,
    windows,
    joiner,
    storeName: 'rows',
    unmatchedNames: kind === 'inner' ? {} : unmatchedNames,
  })
  const window = { sizeMs: joinBucketMs(windows), graceMs: windows.retentionMs }
  const rows = { ...store('rows', 'window', joinRowsSerde(string, string)), window }
  const due = Object.values(unmatchedNames).map((name) => agendaStore(name, 'bench'))
  return { stores: [rows, ...due], sides: { left: join.left(), right: join.right() } }
}

function store(name: string, kind: StoreSpec['kind'], valueSerde: object): StoreSpec {
  const serdes = { keySerde: string as Serde<unknown>, valueSerde: valueSerde as Serde<unknown> }
  return { name, kind, ...serdes, version: 1, why: 'bench' }
}

async function run(
  name: string,
  { stores, sides }: { readonly stores: readonly StoreSpec[]; readonly sides: Sides },
): Promise<void> {
  const state = await TaskState.open({
    backend: new MemoryBackend(),
    stores,
    identity: { applicationId: 'bench', taskId: '0_0', fingerprint: '' },
    position: { sourceIndex: 0, offset: 0 },
    cacheRowsMax: 200_000,
  })
  for (const side of Object.values(sides)) side.init?.(contextOf(state))
  let results = 0
  const collector: Collector = {
    release: (_key, _timestampMs, send) => send(),
    forward: () => results++,
    forwardTo: () => results++,
    late: () => {},
    drop: () => {},
  }
  const before = process.cpuUsage()
  for (let nth = 0; nth < records; nth++) {
    const isOrder = nth % 2 === 0
    const order = isOrder ? nth / 2 : (nth - 1) / 2 - paymentDelayMs / orderEveryMs
    if (!isOrder && (order < 0 || order % 10 === 0)) continue
    const key = keys[order & 0xffff] as string
    const timestampMs = (nth >> 1) * orderEveryMs
    const side = isOrder ? sides.left : sides.right
    side.process({ key, value: 'some value', timestampMs, headers: noHeaders }, collector)
    if (nth % 50_000 === 49_999) await commit(state, sides, collector)
  }
  const { user, system } = process.cpuUsage(before)
  const perSecond = Math.round(records / ((user + system) / 1_000_000))
  console.log(`${name}: ${perSecond.toLocaleString('en')} records a CPU second, ${results} results`)
}

async function commit(state: TaskState, sides: Sides, collector: Collector): Promise<void> {
  for (const side of Object.values(sides)) side.flush?.(collector)
  const sealed = await state.seal()
  await state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
}

function contextOf(state: TaskState): ProcessorContext {
  let streamTimeMs = -1
  const time = {
    observe: (timestampMs: number) => (streamTimeMs = Math.max(streamTimeMs, timestampMs)),
    get streamTimeMs() {
      return streamTimeMs
    },
  }
  return {
    taskId: { subTopology: 0, partition: 0 },
    nodeName: 'join',
    store: (name) => state.store(name),
    globalTable: () => {
      throw new Error('no global tables here')
    },
    schedule: () => () => {},
    answered: () => {},
    streamTimeMs: -1,
    time: () => time,
  }
}
