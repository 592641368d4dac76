import { type GroupedStream, type KTable, topology, type WindowedStream } from '@millrace/dsl'
import { headerText, string } from '@millrace/record'
import { hopping, session, sliding, type Windowed } from '@millrace/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { World } from '../fixture.ts'
import { batch, batchJoin, type LawRecord, type LawWindows } from './batch-oracle.ts'
import { calm, type Disturbance, runLaw, steps } from './law-run.ts'

// A failure prints its seed, its path and the smallest program and input: give the two to
// `fc.assert` to replay it.

const source = { key: string, value: string, nullValues: 'drop' } as const

interface Program {
  readonly windows: LawWindows
  readonly graceMs: number
  readonly isFinal: boolean
}

/** Sizes and times meet: most of what can go wrong does so at the edges. */
const fives = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * 5)

const programs: fc.Arbitrary<Program> = fc.record({
  windows: fc.oneof(
    fc
      .tuple(fives(1, 6), fc.integer({ min: 1, max: 3 }))
      .map(
        ([advanceMs, times]) => ({ kind: 'time', sizeMs: advanceMs * times, advanceMs }) as const,
      ),
    fives(1, 4).map((gapMs) => ({ kind: 'session', gapMs }) as const),
    fives(1, 4).map((differenceMs) => ({ kind: 'sliding', differenceMs }) as const),
  ),
  graceMs: fives(0, 4),
  isFinal: fc.boolean(),
})

const disturbances: fc.Arbitrary<Disturbance> = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  crashes: fc.array(fc.record({ step: fc.constantFrom(...steps), after: fc.nat(2) }), {
    maxLength: 2,
  }),
  keepsDisk: fc.boolean(),
})

const partitionCount = 3

/** In any order. */
const anyOrder: fc.Arbitrary<readonly LawRecord[]> = fc.array(
  fc
    .record({
      partition: fc.nat(partitionCount - 1),
      letter: fc.constantFrom('a', 'b'),
      timestampMs: fc.tuple(fives(0, 20), fc.nat(1)).map(([at, beside]) => at + beside),
    })
    .map(({ letter, ...rest }) => ({ ...rest, key: `${letter}${rest.partition}` })),
  { minLength: 1, maxLength: 60 },
)

/** No record is more than `disorderMs` behind one before it in its partition. */
function nearOrder(disorderMs: number): fc.Arbitrary<readonly LawRecord[]> {
  const step = fc.record({
    partition: fc.nat(partitionCount - 1),
    key: fc.constantFrom('a', 'b', 'c'),
    stepMs: fc.nat(15),
    backMs: fc.nat(disorderMs),
  })
  return fc.array(step, { minLength: 1, maxLength: 60 }).map((made) => {
    const nowMs = Array.from({ length: partitionCount }, () => disorderMs)
    return made.map(({ partition, key, stepMs, backMs }) => {
      const at = (nowMs[partition] as number) + stepMs
      nowMs[partition] = at
      return { partition, key, timestampMs: at - backMs }
    })
  })
}

function counting({ windows, graceMs, isFinal }: Program, isRekeyed: boolean) {
  return topology((t) => {
    const records = t.stream('in', source)
    const grouped = isRekeyed
      ? records.groupBy((_, key) => key ?? '', { repartition: 'by-key' })
      : records.groupByKey()
    const options = { name: 'counts', late: 'late', emit: isFinal ? 'final' : 'updates' } as const
    const windowed = windowedCount(grouped, windows, graceMs, options)
    ;(windowed as { to(topic: string): void }).to('out')
  })
}

/** Records earlier than the time difference share a window, as in Kafka Streams: not in these laws. */
function behindStart(records: readonly LawRecord[], { windows }: Program): readonly LawRecord[] {
  if (windows.kind !== 'sliding') return records
  const { differenceMs } = windows
  return records.map((it) => ({ ...it, timestampMs: it.timestampMs + differenceMs }))
}

function windowedCount(
  grouped: GroupedStream<string, string>,
  windows: LawWindows,
  grace: number,
  options: Parameters<WindowedStream<string, string>['count']>[0],
): KTable<Windowed<string>, number | null> {
  switch (windows.kind) {
    case 'session':
      return grouped.windowedBy(session({ gap: windows.gapMs, grace })).count(options)
    case 'sliding':
      return grouped
        .windowedBy(sliding({ timeDifference: windows.differenceMs, grace }))
        .count(options)
    default:
      return grouped
        .windowedBy(hopping({ size: windows.sizeMs, advance: windows.advanceMs, grace }))
        .count(options)
  }
}

/** The results by `key@start-end`; a deleted one is none. Each final once. */
function resultsOf(it: World, { windows, isFinal }: Program): ReadonlyMap<string, number> {
  const results = new Map<string, number>()
  for (const { key, value } of it.cluster.readAll('out')) {
    const bytes = key as Buffer
    const isSession = windows.kind === 'session'
    const startMs = Number(bytes.readBigInt64BE(bytes.length - 8))
    const endMs = isSession
      ? Number(bytes.readBigInt64BE(bytes.length - 16))
      : startMs + (windows.kind === 'sliding' ? windows.differenceMs : windows.sizeMs)
    const id = `${bytes.subarray(0, isSession ? -16 : -8).toString()}@${startMs}-${endMs}`
    expect(isFinal && results.has(id)).toBe(false)
    if (value === null) results.delete(id)
    else results.set(id, Number(String(value)))
  }
  return new Map([...results].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

const lateOf = (it: World): readonly string[] =>
  it.cluster
    .readAll('late')
    .map(({ key, timestampMs }) => `${String(key)}@${timestampMs}`)
    .toSorted()

test('whoever runs it and wherever it dies, results and late records are those of a batch', async () => {
  await fc.assert(
    fc.asyncProperty(programs, anyOrder, disturbances, async (program, times, disturbance) => {
      const input = behindStart(times, program)
      const of = { program: counting(program, false), partitionCount, inputs: { in: input } }
      const it = await runLaw({ ...of, outputs: ['out', 'late'], disturbance })
      const expected = batch(input, program.windows, program.graceMs)
      expect(resultsOf(it, program)).toEqual(program.isFinal ? expected.closed : expected.counts)
      // Of sliding windows the definition does not say which a late record would have made.
      expect(program.windows.kind === 'sliding' ? [] : lateOf(it)).toEqual(expected.late)
      for (const { headers } of it.cluster.readAll('late'))
        expect(headerText(headers, 'millrace.late.reason')).toBe('stream-time')
    }),
    { numRuns: 25 },
  )
}, 300_000)

test('a key has the results it has alone, whatever other keys do, while time is the same', async () => {
  await fc.assert(
    fc.asyncProperty(programs, anyOrder, async (program, times) => {
      const input = behindStart(times, program)
      const others = input.map((record) =>
        record.key.startsWith('a') ? record : { ...record, key: `z${record.partition}` },
      )
      const of = { program: counting(program, false), partitionCount, disturbance: calm }
      const outputs = ['out', 'late']
      const both = [
        await runLaw({ ...of, outputs, inputs: { in: input } }),
        await runLaw({ ...of, outputs, inputs: { in: others } }),
      ].map((it) => [...resultsOf(it, program)].filter(([id]) => id.startsWith('a')))
      expect(both[0]).toEqual(both[1])
    }),
    { numRuns: 10 },
  )
}, 300_000)

test('behind a repartition no order within grace changes a result, and nothing is late', async () => {
  const disorderMs = 10
  await fc.assert(
    fc.asyncProperty(
      programs,
      nearOrder(disorderMs),
      disturbances,
      async (any, times, disturbance) => {
        const input = behindStart(times, any)
        const program = { ...any, isFinal: false, graceMs: disorderMs + any.graceMs }
        const of = { program: counting(program, true), partitionCount, inputs: { in: input } }
        const it = await runLaw({ ...of, outputs: ['out', 'late'], disturbance })
        expect(lateOf(it)).toEqual([])
        // As one partition in the order of time: nothing is late there either.
        const ordered = input
          .map((record) => ({ ...record, partition: 0 }))
          .toSorted((a, b) => a.timestampMs - b.timestampMs)
        expect(resultsOf(it, program)).toEqual(
          batch(ordered, program.windows, program.graceMs).counts,
        )
      },
    ),
    { numRuns: 15 },
  )
}, 300_000)

test('two stages: each final result of the first is in the sum of the second, once', async () => {
  await fc.assert(
    fc.asyncProperty(programs, anyOrder, disturbances, async (any, times, disturbance) => {
      const of = { ...any, isFinal: true }
      const input = behindStart(times, of)
      const program = topology((t) => {
        const grouped = t.stream('in', source).groupByKey()
        windowedCount(grouped, of.windows, of.graceMs, { name: 'counts', emit: 'final' })
          .toStream()
          .map((count, { key }) => ({ key: key.slice(0, 1), value: count ?? 0 }))
          .groupByKey({ repartition: 'by-letter' })
          .reduce((sum, count) => sum + count, { name: 'sums' })
          .to('out')
      })
      const inputs = { in: input }
      const it = await runLaw({ program, partitionCount, outputs: ['out'], inputs, disturbance })
      const sums = it.cluster
        .readAll('out')
        .map(({ key, value }) => [String(key), Number(String(value))] as const)
      const expected = new Map<string, number>()
      for (const [id, count] of batch(input, of.windows, of.graceMs).closed) {
        expected.set(id.slice(0, 1), (expected.get(id.slice(0, 1)) ?? 0) + count)
      }
      expect(new Map(sums)).toEqual(expected)
    }),
    { numRuns: 20 },
  )
}, 300_000)

test('a row of a join has its matches or null, never both, and each once', async () => {
  const disorderMs = 5
  const rows = nearOrder(disorderMs).map((input) =>
    input.map((record) => ({ ...record, key: `${record.key}${record.partition}` })),
  )
  const kinds = fc.record({ withinMs: fc.nat(20), isOuter: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(kinds, rows, rows, disturbances, async (kind, left, right, disturbance) => {
      const program = topology((t) => {
        const options = { name: 'pairs', before: kind.withinMs, after: kind.withinMs }
        const all = { ...options, grace: disorderMs, value: string }
        const [one, other] = [t.stream('left', source), t.stream('right', source)]
        const pair = (a: string | null, b: string | null): string => `${a}+${b}`
        const joined = kind.isOuter
          ? one.outerJoin(other, pair, all)
          : one.leftJoin(other, pair, all)
        joined.to('out')
      })
      // Closes every row before it.
      const end = Array.from({ length: partitionCount }, (_, partition) => ({
        partition,
        key: 'end',
        timestampMs: 100_000,
      }))
      const inputs = { left: [...left, ...end], right }
      const it = await runLaw({ program, partitionCount, outputs: ['out'], inputs, disturbance })
      const pairs = it.cluster
        .readAll('out')
        .map(({ key, value }) => `${String(key)}:${String(value)}`)
      expect(pairs.toSorted()).toEqual(batchJoin(left, right, kind))
    }),
    { numRuns: 15 },
  )
}, 300_000)
