import { MillraceError } from '@millrace/errors'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof unitMs

/** Milliseconds, or a number with its unit: `500`, `'500ms'`, `'5s'`, `'15m'`, `'1h'`, `'1d'`. */
export type Duration = number | `${number}${Unit}`

/**
 * Whole milliseconds, 0 or more. A day is 24 hours. Throws `MILLRACE_TIME_DURATION_INVALID`;
 * `what` names the setting in the message.
 */
export function parseDuration(duration: Duration, what = 'duration'): number {
  const ms = typeof duration === 'number' ? duration : parseText(duration)
  if (Number.isSafeInteger(ms) && ms >= 0) return ms
  throw new MillraceError('MILLRACE_TIME_DURATION_INVALID', {
    message: `${what} ${shown(duration)} is not a whole number of milliseconds from 0 on`,
  })
}

function parseText(text: unknown): number {
  const match = typeof text === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) : null
  if (!match) return Number.NaN
  const ms = Number(match[1]) * unitMs[match[2] as Unit]
  // 1.1 * 1000 is 1100.0000000000002: take the whole number where it is one for all purposes.
  const whole = Math.round(ms)
  return Math.abs(ms - whole) < 1e-6 ? whole : ms
}

/** The shortest text that `parseDuration` reads back: 900000 is `15m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms > 0 && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`
  }
  return `${ms}ms`
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
