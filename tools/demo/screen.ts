import type { Chaos } from './chaos.ts'
import type { DemoProcessor } from './processors.ts'
import type { Progress } from './progress.ts'
import type { LiveRow } from './results.ts'

export interface ScreenState {
  readonly brokers: string
  readonly total: number
  readonly sent: number
  readonly progress: Progress
  readonly results: number
  readonly rows: readonly LiveRow[]
  readonly processors: readonly DemoProcessor[]
  readonly chaos: Chaos | null
}

const clear = '\u001b[H\u001b[J'
const barWidth = 40

/** The live table, redrawn in place on a terminal; elsewhere a line now and then. */
export function draw(state: ScreenState, isTerminal: boolean): string {
  return isTerminal ? `${clear}${table(state)}\n` : `${statusLine(state)}\n`
}

/** Hours of event time, in UTC, as the data set has them. */
function hourOf(startMs: number): string {
  return new Date(startMs).toISOString().slice(0, 16).replace('T', ' ')
}

export function bar(done: number, total: number): string {
  const share = total === 0 ? 0 : Math.min(done / total, 1)
  const filled = Math.round(share * barWidth)
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${(share * 100).toFixed(0).padStart(3)} %`
}

function table(state: ScreenState): string {
  const { total, sent, progress, processors, chaos } = state
  const lag = progress.written - progress.committed
  return [
    `Millrace demo: US flights of 2001, Kafka at ${state.brokers}. Ctrl-C ends it.`,
    '',
    `sent       ${bar(sent, total)}  ${sent.toLocaleString('en')} of ${total.toLocaleString('en')} records`,
    `committed  ${bar(progress.committed, total)}  ${lag.toLocaleString('en')} behind, ${state.results.toLocaleString('en')} results`,
    '',
    'origin  hour (event time)  flights  mean delay  over 15 min late',
    ...state.rows.map(row),
    '',
    ...processors.map(
      (processor, index) => `processor ${index + 1}: pid ${processor.pid}, ${processor.outcome}`,
    ),
    chaos === null ? invitation(processors) : killed(chaos),
  ].join('\n')
}

function row({ origin, startMs, flights, meanDelay, lateShare }: LiveRow): string {
  const minutes = `${meanDelay.toFixed(1)} min`.padStart(10)
  const share = `${(lateShare * 100).toFixed(0)} %`.padStart(16)
  return `${origin.padEnd(6)}  ${hourOf(startMs)}   ${String(flights).padStart(7)}  ${minutes}  ${share}`
}

function invitation(processors: readonly DemoProcessor[]): string {
  return processors.every(({ isRunning }) => isRunning) ? 'Try it: kill -9 one of them.' : ''
}

export function killed({ kills, deletions, seed }: Chaos): string {
  return `killed ${kills} times, ${deletions} times with the state deleted (seed ${seed})`
}

function statusLine({ total, sent, progress, results, processors, chaos }: ScreenState): string {
  const running = processors.filter((processor) => processor.isRunning).length
  const line = `sent ${sent}/${total}, committed ${progress.committed}, results ${results}, processors ${running}/${processors.length}`
  return chaos === null ? line : `${line}, ${killed(chaos)}`
}
