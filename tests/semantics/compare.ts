import type { Case, ExpectedRecord } from './case.ts'
import type { Outcome, WrittenRecord } from './run-case.ts'

/** The first difference between a run and its case, as a sentence; null where there is none. */
export function firstDifference(it: Case, outcome: Outcome): string | null {
  const expected = it.output.map((record, index) => ({
    ...record,
    step: it.outputSteps?.[index] ?? -1,
  }))
  const comparesSteps = it.outputSteps !== undefined
  const topics = new Set([...expected, ...outcome.output].map(({ topic }) => topic))
  for (const topic of topics) {
    const wanted = expected.filter((record) => record.topic === topic)
    const found = outcome.output.filter((record) => record.topic === topic)
    for (let nth = 0; nth < Math.max(wanted.length, found.length); nth++) {
      const [want, have] = [text(wanted[nth], comparesSteps), text(found[nth], comparesSteps)]
      if (want !== have) return `${topic}, record ${nth}: expected ${want}, got ${have}`
    }
  }
  return droppedDifference(it, outcome)
}

/** The same for a run of coalesced results: the last of each key, and what was dropped. */
export function finalDifference(it: Case, outcome: Outcome): string | null {
  const wanted = finals(it.output)
  const found = finals(outcome.output)
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const [want, have] = [wanted.get(key), found.get(key)]
    if (want !== have) return `last of ${key}: expected ${want}, got ${have}`
  }
  return droppedDifference(it, outcome)
}

function droppedDifference({ dropped }: Case, outcome: Outcome): string | null {
  if (dropped === null || dropped === outcome.dropped) return null
  return `dropped: expected ${dropped}, got ${outcome.dropped}`
}

function text(record: WrittenRecord | undefined, withStep: boolean): string {
  if (record === undefined) return 'nothing'
  const { key, value, timestampMs, step } = record
  const at = withStep ? ` in step ${step}` : ''
  return `${JSON.stringify(key)} ${JSON.stringify(value)} @${timestampMs}${at}`
}

/** By topic and key. Deleted means gone: a row that came and went between two commits sends nothing. */
function finals(output: readonly ExpectedRecord[]): Map<string, string> {
  const last = new Map<string, string>()
  for (const { topic, key, value, timestampMs } of output) {
    const name = `${topic} ${JSON.stringify(key)}`
    if (value === null) last.delete(name)
    else last.set(name, `${JSON.stringify(value)} @${timestampMs}`)
  }
  return last
}
