import { isDeepStrictEqual } from 'node:util'
import type { NamedCase, NamedResult } from './named-case.ts'
import type { Observation } from './observe.ts'

/** The first difference between what a case expects and what was observed; null: none. */
export function namedDifference(it: NamedCase, observation: Observation): string | null {
  return (
    resultsDifference(it.expected.filter(isResult), observation.results, it.match) ??
    lateDifference(it, observation)
  )
}

/** The results alone, by how the case says that they are compared. */
export function resultsDifference(
  expected: readonly NamedResult[],
  observed: readonly NamedResult[],
  match: string,
): string | null {
  switch (match) {
    case 'ordered':
      return inOrder(expected, observed)
    case 'set':
    case 'multiset':
      return inOrder(expected.toSorted(byText), observed.toSorted(byText))
    case 'set-per-step':
      return inOrder(expected.toSorted(byStep), observed.toSorted(byStep))
    case 'map-per-step':
      return inOrder(lastPerStep(expected), lastPerStep(observed))
    case 'set-per-window':
      return inOrder(expected.toSorted(byKey), observed.toSorted(byKey))
    case 'final-value-per-window':
      return inOrder(lastPerKey(expected).toSorted(byText), lastPerKey(observed).toSorted(byText))
    case 'ordered-prefix':
      return inOrder(expected, observed.slice(0, expected.length))
    default:
      return `no way to compare by '${match}'`
  }
}

function inOrder(
  expected: readonly NamedResult[],
  observed: readonly NamedResult[],
): string | null {
  for (let nth = 0; nth < Math.max(expected.length, observed.length); nth++) {
    const [want, have] = [expected[nth], observed[nth]]
    const isSame =
      want !== undefined &&
      have !== undefined &&
      isDeepStrictEqual(want.key, have.key) &&
      isDeepStrictEqual(want.value, have.value) &&
      (want.ts === undefined || want.ts === have.ts) &&
      (want.after === undefined || want.after === have.after)
    if (isSame) continue
    return `result ${nth}: expected ${JSON.stringify(want)}, got ${JSON.stringify(have)}`
  }
  return null
}

function isResult(expected: NamedResult): boolean {
  return expected.late !== true
}

/** Late records are listed where the case is about them. */
function lateDifference({ expected }: NamedCase, { late }: Observation): string | null {
  const wanted = expected.filter((one) => one.late === true)
  if (wanted.length === 0) return null
  const texts = (records: readonly { readonly after?: number; readonly topic?: unknown }[]) =>
    JSON.stringify(records.map(({ after, topic }) => [after, topic]))
  const [want, have] = [texts(wanted), texts(late)]
  return want === have ? null : `late: expected ${want}, got ${have}`
}

function byText(a: NamedResult, b: NamedResult): number {
  return textOf(a) < textOf(b) ? -1 : 1
}

function byStep(a: NamedResult, b: NamedResult): number {
  return (a.after ?? 0) - (b.after ?? 0) || byText(a, b)
}

function textOf({ key, value }: NamedResult): string {
  return JSON.stringify([key, value])
}

/** Each key's results stay in their order. */
function byKey(a: NamedResult, b: NamedResult): number {
  const [left, right] = [JSON.stringify(a.key), JSON.stringify(b.key)]
  return left === right ? 0 : left < right ? -1 : 1
}

/** The last value of each key, without those that were taken back. */
function lastPerKey<T extends NamedResult>(results: readonly T[]): readonly T[] {
  const last = new Map(results.map((one) => [JSON.stringify(one.key), one]))
  return [...last.values()].filter(({ value }) => value !== null)
}

/** The last value of each key in each step. */
function lastPerStep(results: readonly NamedResult[]): readonly NamedResult[] {
  const last = new Map(results.map((one) => [JSON.stringify([one.after, one.key]), one]))
  return [...last.values()].toSorted(byStep)
}

/** What a case expects, with other results for the steps of which something else is said. */
export function withSteps(
  expected: readonly NamedResult[],
  others: readonly NamedResult[],
): readonly NamedResult[] {
  const steps = new Set(others.map(({ after }) => after))
  return [...expected.filter(({ after }) => !steps.has(after)), ...others].toSorted(byStep)
}
