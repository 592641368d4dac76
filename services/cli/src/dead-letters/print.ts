import type { Terminal } from '../command.ts'
import { tableOf } from '../table.ts'
import type { Settlement } from './ledger.ts'
import { identityOf, type Letter } from './letter.ts'
import type { Redriven } from './patch.ts'

type Settled = ReadonlyMap<string, Settlement>

/** By error, source and plan: how many wait, and since when. */
export function printGroups(
  { out }: Terminal,
  letters: readonly Letter[],
  settled: Settled,
  isJson: boolean,
): void {
  const groups = Map.groupBy(letters, ({ code, source, operator, plan }) =>
    JSON.stringify([code, source?.topic ?? `result of ${operator}`, plan]),
  )
  const rows = [...groups].map(([group, members]) => {
    const [code = '', from = '', plan = ''] = JSON.parse(group) as string[]
    const open = members.filter((letter) => !settled.has(identityOf(letter)))
    const times = open.map(({ failedAtMs }) => failedAtMs)
    return {
      code,
      from,
      plan,
      open: open.length,
      settled: members.length - open.length,
      oldest: open.length > 0 ? dateOf(Math.min(...times)) : null,
      newest: open.length > 0 ? dateOf(Math.max(...times)) : null,
      sample: open[0] === undefined ? null : identityOf(open[0]),
    }
  })
  if (isJson) return out(JSON.stringify({ command: 'dlq list', groups: rows }))
  if (rows.length === 0) return out('There are no dead letters.')
  const head = ['code', 'from', 'plan', 'open', 'settled', 'oldest', 'newest', 'one of them']
  out(
    tableOf(
      head,
      rows.map((row) => [
        row.code,
        row.from,
        row.plan,
        row.open,
        row.settled,
        row.oldest,
        row.newest,
        row.sample,
      ]),
    ),
  )
}

export function printLetter(
  { out }: Terminal,
  letter: Letter,
  settlement: Settlement | undefined,
): void {
  const { at, code, message, plan, failedAtMs, timestampMs, operator, redrivenFrom } = letter
  out(`${identityOf(letter)}, letter ${at.topic}:${at.partition}:${at.offset}`)
  out(`  ${safe(message) || code}`)
  if (operator !== null) out(`  result of  ${operator}`)
  out(`  failed at  ${dateOf(failedAtMs)}, plan ${plan || 'unknown'}`)
  out(`  time       ${dateOf(timestampMs)}`)
  if (redrivenFrom !== null) out(`  redriven from ${redrivenFrom}`)
  for (const [name, value] of letter.headers) out(`  header     ${safe(name)}: ${shown(value)}`)
  out(`  key        ${shown(letter.key)}`)
  out(`  value      ${shown(letter.value)}`)
  if (settlement !== undefined) {
    const { as, by, reason, atMs } = settlement
    out(`  ${as} at ${dateOf(atMs)} by ${safe(by)}: ${safe(reason)}`)
  }
}

interface RedrivePlan {
  readonly able: readonly { readonly letter: Letter; readonly redriven: Redriven }[]
  readonly left: readonly { readonly letter: Letter; readonly why: string }[]
}

interface RedriveOutcome {
  readonly isPatch: boolean
  readonly isDone: boolean
  readonly count: number
  readonly isJson: boolean
}

const samplesMax = 10

export function printPlan(
  { out }: Terminal,
  { able, left }: RedrivePlan,
  { isPatch, isDone, count, isJson }: RedriveOutcome,
): void {
  if (isJson) {
    const leftAlone = left.map(({ letter, why }) => ({ letter: identityOf(letter), why }))
    const letters = able.map(({ letter }) => identityOf(letter))
    return out(JSON.stringify({ command: 'dlq redrive', letters, leftAlone, isDone, count }))
  }
  for (const { letter, redriven } of able.slice(0, samplesMax)) {
    out(identityOf(letter))
    if (!isSame(letter.key, redriven.key))
      out(`  key    ${shown(letter.key)} -> ${shown(redriven.key)}`)
    if (!isSame(letter.value, redriven.value))
      out(`  value  ${shown(letter.value)} -> ${shown(redriven.value)}`)
  }
  if (able.length > samplesMax) out(`and ${able.length - samplesMax} more`)
  for (const { letter, why } of left.slice(0, samplesMax))
    out(`left: ${identityOf(letter)}: ${safe(why)}`)
  if (left.length > samplesMax) out(`and ${left.length - samplesMax} more that are left`)
  if (isDone) return out(`${count} records written to their topics again; ${left.length} left`)
  out(
    `${able.length} records ${isPatch ? 'pass' : 'would be written again'}; ${left.length} would be left`,
  )
  if (!isPatch) out('Dry run: nothing was changed. Repeat with --yes to do it.')
}

const shownMax = 2_000

/** Text as it is but for what a terminal would obey; anything else in hexadecimal. */
function shown(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text).equals(bytes)
  const whole = isText ? safe(text) : `0x${bytes.toString('hex')}`
  return whole.length > shownMax ? `${whole.slice(0, shownMax)}… (${bytes.length} bytes)` : whole
}

function safe(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

function isSame(left: Buffer | null, right: Buffer | null): boolean {
  return left === null || right === null ? left === right : left.equals(right)
}

function dateOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'unknown'
}
