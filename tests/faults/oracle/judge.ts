/** One reading of the input. `id` is its own: what is lost or repeated can be named. */
export interface Reading {
  readonly id: number
  readonly item: string
  readonly n: number
}

/** One result: the fold of the first `count` readings of its item. */
export interface Folded {
  readonly item: string
  readonly min: number
  readonly sum: number
  readonly count: number
}

export interface Judgement {
  readonly lost: number
  readonly duplicated: number
  /** Intermediate results that no prefix of the input gives, and readings out of order or invented. */
  readonly wrong: number
  /** The first few, in sentences. */
  readonly examples: readonly string[]
}

/**
 * Compares every result with the running fold (Kafka Streams' exactly-once system test). `input` is
 * what was read, in order of each item; `echoed` what came out behind the repartition; `folded`
 * every update of min, sum and count, in the order of the output.
 */
export function judge(
  input: readonly Reading[],
  echoed: readonly Reading[],
  folded: readonly Folded[],
): Judgement {
  const verdict = new Verdict()
  const readings = byItem(input)
  const echoes = byItem(echoed)
  const results = byItem(folded)
  for (const item of new Set([...readings.keys(), ...echoes.keys(), ...results.keys()])) {
    const expected = readings.get(item) ?? []
    judgeEchoes(item, expected, echoes.get(item) ?? [], verdict)
    judgeFolds(item, expected, results.get(item) ?? [], verdict)
  }
  return verdict
}

/**
 * At-least-once: nothing lost, nothing invented. Readings may come again, and where they came again
 * over the repartition the sums hold them twice: only the minimum and at least the count are told.
 */
export function judgeAtLeastOnce(
  input: readonly Reading[],
  echoed: readonly Reading[],
  folded: readonly Folded[],
): Judgement {
  const verdict = new Verdict()
  const readings = new Map(input.map((reading) => [reading.id, reading]))
  const seen = new Set<number>()
  for (const { id, item, n } of echoed) {
    const reading = readings.get(id)
    if (reading?.item !== item || reading.n !== n) verdict.add('wrong', `${item} ${id}: invented`)
    else if (seen.has(id)) verdict.add('duplicated', `${item}: ${id} again`)
    seen.add(id)
  }
  for (const id of readings.keys()) if (!seen.has(id)) verdict.add('lost', `${id} is missing`)
  const results = byItem(folded)
  for (const [item, expected] of byItem(input)) {
    // Not the last one: what a zombie still had to send stands behind the results of its successor.
    const best = results.get(item)?.reduce((a, b) => (b.count > a.count ? b : a))
    const min = Math.min(...expected.map(({ n }) => n))
    if (best === undefined || best.count < expected.length) {
      verdict.add('lost', `${item}: counted ${best?.count ?? 0} of ${expected.length}`)
    } else if (best.min !== min) verdict.add('wrong', `${item}: minimum ${best.min}, not ${min}`)
  }
  return verdict
}

/** Record by record, in order. */
function judgeEchoes(
  item: string,
  expected: readonly Reading[],
  echoed: readonly Reading[],
  verdict: Verdict,
): void {
  const ids = new Set(expected.map(({ id }) => id))
  const seen = new Set<number>()
  let last = -1
  for (const { id } of echoed) {
    if (!ids.has(id)) verdict.add('wrong', `${item}: ${id} was never sent`)
    else if (seen.has(id)) verdict.add('duplicated', `${item}: ${id} again`)
    else if (id < last) verdict.add('wrong', `${item}: ${id} behind ${last}`)
    seen.add(id)
    last = Math.max(last, id)
  }
  for (const id of ids) if (!seen.has(id)) verdict.add('lost', `${item}: ${id} is missing`)
}

/** Each count once, in order, with the minimum and the sum of that prefix. */
function judgeFolds(
  item: string,
  expected: readonly Reading[],
  folded: readonly Folded[],
  verdict: Verdict,
): void {
  const prefixes = prefixesOf(expected)
  const seen = new Set<number>()
  let last = 0
  for (const { count, min, sum } of folded) {
    const prefix = prefixes[count - 1]
    const found = `${item}: min ${min}, sum ${sum}, count ${count}`
    if (prefix === undefined) verdict.add('wrong', `${found}: there are ${expected.length}`)
    else if (prefix.min !== min || prefix.sum !== sum) {
      verdict.add('wrong', `${found} instead of min ${prefix.min}, sum ${prefix.sum}`)
    } else if (seen.has(count)) verdict.add('duplicated', `${found} again`)
    else if (count < last) verdict.add('wrong', `${found}: behind count ${last}`)
    seen.add(count)
    last = Math.max(last, count)
  }
  for (let count = 1; count <= prefixes.length; count++) {
    if (!seen.has(count)) verdict.add('lost', `${item}: no result of count ${count}`)
  }
}

function prefixesOf(readings: readonly Reading[]): { min: number; sum: number }[] {
  let min = Number.POSITIVE_INFINITY
  let sum = 0
  return readings.map(({ n }) => {
    min = Math.min(min, n)
    sum += n
    return { min, sum }
  })
}

function byItem<T extends { readonly item: string }>(all: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const each of all) {
    const group = groups.get(each.item)
    if (group === undefined) groups.set(each.item, [each])
    else group.push(each)
  }
  return groups
}

/** Of each kind: many repetitions must not hide what is lost. */
const examplesMax = 3

class Verdict implements Judgement {
  lost = 0
  duplicated = 0
  wrong = 0
  readonly examples: string[] = []

  add(what: 'lost' | 'duplicated' | 'wrong', example: string): void {
    this[what] += 1
    if (this[what] <= examplesMax) this.examples.push(`${what}: ${example}`)
  }
}
