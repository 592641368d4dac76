import {
  type GroupedStream,
  hopping,
  json,
  type KTable,
  type StreamBuilder,
  session,
  sliding,
  topology,
  tumbling,
  type Windowed,
} from 'millrace'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { resultsDifference } from './named-difference.ts'
import { type Observation, observe } from './observe.ts'

const serdes = { key: json<string>(), value: json<string>() }

/** W, G, E, S, L, N: windows of each kind, when their results go out, and what is late. */
export async function windowed(it: NamedCase): Promise<string | null> {
  const program = topology((t) => resultsOf(t, it).to('out'))
  const commitsAtEnd = it.params.cache === 'flush-at-end'
  const observation = await observe(program, it.input, { commitsAtEnd })
  const expected = it.expected.filter(({ window }) => window !== undefined).map(byWindow)
  const observed = observation.results.map(asExpected)
  return windowsDifference(it, expected, observed) ?? lateDifference(it, observation)
}

function windowsDifference(
  it: NamedCase,
  expected: readonly NamedResult[],
  observed: readonly NamedResult[],
): string | null {
  // Some cases are about late records alone.
  if (expected.length === 0 && it.expected.length > 0) return null
  if (param(it, 'emitIntervalMs', 0) > 0) return noLaterThan(expected, observed)
  return resultsDifference(expected, observed, it.match)
}

type Counted = KTable<Windowed<string>, unknown>

function resultsOf(t: StreamBuilder, it: NamedCase): Counted {
  const table = aggregated(t.stream('in', serdes).groupByKey(), it)
  if (it.params.suppress === undefined) return table
  return table.suppress({ name: 'finals', until: 'window-close' })
}

function aggregated(grouped: GroupedStream<string, string>, it: NamedCase): Counted {
  const isFinal = it.params.emit === 'close'
  const everyUpdate = !isFinal && it.params.cache !== 'flush-at-end'
  const emit = isFinal ? 'final' : 'updates'
  const options = { name: 'results', late: 'late', emit, everyUpdate } as const
  const windows = windowsOf(it)
  if (windows.kind === 'session') return grouped.windowedBy(windows).count(options)
  const stream = grouped.windowedBy(windows)
  const initial = /initial "(.*?)"/.exec(param(it, 'agg', ''))?.[1]
  if (initial === undefined) return stream.count(options)
  const add = (text: string, value: string) => `${text}+${value}`
  return stream.aggregate({ ...options, initial: () => initial, add })
}

function windowsOf(it: NamedCase) {
  const grace = param(it, 'grace', 0)
  const { timeDifference, gap, size, advance } = it.params as { [name: string]: number }
  if (timeDifference !== undefined) return sliding({ timeDifference, grace })
  if (gap !== undefined) return session({ gap, grace })
  return advance === size
    ? tumbling({ size: size as number, grace })
    : hopping({ size: size as number, advance: advance as number, grace })
}

/** The window is part of the key. */
function byWindow(result: NamedResult): NamedResult {
  return { ...result, key: { key: result.key, window: result.window } }
}

function asExpected({ key, ...result }: NamedResult): NamedResult {
  const { key: bare, window } = key as Windowed<string>
  return { ...result, key: { key: bare, window: [window.startMs, window.endMs] } }
}

/**
 * Kafka Streams looks at most once an interval for what has closed. Here nothing that is known is
 * held back: results come no later, and those that the interval still holds at the end come too.
 */
function noLaterThan(
  expected: readonly NamedResult[],
  observed: readonly NamedResult[],
): string | null {
  const inTime = expected.map((want, nth) => {
    const after = Math.min(want.after ?? 0, observed[nth]?.after ?? Infinity)
    return { ...want, after }
  })
  return resultsDifference(inTime, observed, 'ordered-prefix')
}

/** Late records where the case names them: their windows, at which time, and how many. */
function lateDifference(it: NamedCase, { lateWindows }: Observation): string | null {
  for (const { after, dropped, accepted, droppedTotal } of it.expected) {
    const found = lateWindows.filter((late) => late.after === after)
    if (accepted === true && found.length > 0) return `record ${after} is late`
    if (droppedTotal !== undefined && droppedTotal !== lateWindows.length) {
      return `${lateWindows.length} late, expected ${JSON.stringify(droppedTotal)}`
    }
    if (typeof dropped !== 'object' || dropped === null) continue
    const { window, streamTime } = dropped as { window: [number, number]; streamTime: number }
    const isSame = found.some(
      ({ windowStartMs, windowEndMs, streamTimeMs }) =>
        windowStartMs === window[0] && windowEndMs === window[1] && streamTimeMs === streamTime,
    )
    if (!isSame) return `record ${after} is not late as expected: ${JSON.stringify(found)}`
  }
  const { droppedTotal } = param<{ droppedTotal?: number }>(it, 'metrics', {})
  if (droppedTotal === undefined || droppedTotal === lateWindows.length) return null
  return `${lateWindows.length} late, expected ${droppedTotal}`
}
