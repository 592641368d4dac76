import { MillraceError } from '@millrace/errors'
import type { Emission } from '@millrace/operators'
import { type Duration, formatDuration, parseDuration, type Windows } from '@millrace/time'
import type { ViewSpec } from '@millrace/topology'

export interface FreshnessOptions {
  /**
   * What is promised to the readers of these results: in a share `objective` of all minutes they are
   * no older than `target`, as far as this application can see to it. Metrics and the alerts on the error
   * budget follow it; see docs/freshness.md. Left out: metrics only.
   *
   * @example { target: '30s', objective: 0.99 }
   */
  readonly freshness?: { readonly target: Duration; readonly objective: number }
}

/**
 * The page goes out when the budget is spent 14.4 times too fast: below 0.95 hardly anything could be so
 * bad. Above 0.9999 a single missed minute is most of a week's budget.
 */
const objectiveMin = 0.95
const objectiveMax = 0.9999

interface Delay {
  readonly resultsThroughMs: ViewSpec['resultsThroughMs']
  /** How old results get by design, with nothing late and no work waiting. */
  readonly delayMs: number
  readonly why: string
}

/** A view whose changes go out with each commit. */
export function updatedView(name: string, options: FreshnessOptions): ViewSpec {
  return view(name, options, { resultsThroughMs: (timeMs) => timeMs, delayMs: 0, why: '' })
}

/** A view by windows. */
export function windowedView(
  name: string,
  options: FreshnessOptions,
  windows: Windows,
  emission: Emission,
): ViewSpec {
  if (emission.kind === 'updates') return updatedView(name, options)
  if (emission.kind === 'final') return view(name, options, finalDelay(windows))
  const { everyMs } = emission
  return view(name, options, {
    resultsThroughMs: (timeMs) => timeMs - (timeMs % everyMs),
    delayMs: everyMs,
    why: `its early results go out every ${formatDuration(everyMs)}`,
  })
}

/** A view of what suppress lets go: `windows` until these close, else after a time limit. */
export function suppressedView(
  name: string,
  options: FreshnessOptions,
  held: { readonly windows: Windows } | { readonly limitMs: number },
): ViewSpec {
  if ('windows' in held) return view(name, options, finalDelay(held.windows))
  return view(name, options, heldBack(held.limitMs, 'it holds updates'))
}

function finalDelay(windows: Windows): Delay {
  switch (windows.kind) {
    case 'session':
      return heldBack(windows.gapMs + windows.graceMs, 'its sessions close')
    case 'sliding':
      return heldBack(windows.graceMs, 'its windows close')
    case 'unlimited':
      return heldBack(0, '')
    default: {
      const { sizeMs, advanceMs, graceMs } = windows
      // The end of the last window that has closed: ends lie an advance apart.
      const lastEndMs = (timeMs: number): number =>
        Math.floor((timeMs - graceMs - sizeMs) / advanceMs) * advanceMs + sizeMs
      const why = `a window ends every ${formatDuration(advanceMs)} and closes ${formatDuration(graceMs)} later`
      return { resultsThroughMs: lastEndMs, delayMs: advanceMs + graceMs, why }
    }
  }
}

function heldBack(delayMs: number, what: string): Delay {
  const why = `${what} after ${formatDuration(delayMs)}`
  return { resultsThroughMs: (timeMs) => timeMs - delayMs, delayMs, why }
}

function view(name: string, { freshness }: FreshnessOptions, delay: Delay): ViewSpec {
  const { resultsThroughMs, delayMs, why } = delay
  if (freshness === undefined) return { name, resultsThroughMs }
  const targetMs = parseDuration(freshness.target, `the freshness target of '${name}'`)
  const { objective } = freshness
  if (targetMs === 0) throw impossible(name, 'its target is 0')
  if (targetMs < delayMs) {
    const text = `${formatDuration(targetMs)} is less than the ${formatDuration(delayMs)} it takes by design`
    throw impossible(name, `its target of ${text}: ${why}`)
  }
  if (!(objective >= objectiveMin && objective <= objectiveMax)) {
    throw impossible(
      name,
      `its objective is ${objective}, and not from ${objectiveMin} to ${objectiveMax}`,
    )
  }
  return { name, freshness: { targetMs, objective }, resultsThroughMs }
}

function impossible(name: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_DSL_INVALID', {
    message: `the freshness of '${name}' cannot be kept: ${why}`,
  })
}
