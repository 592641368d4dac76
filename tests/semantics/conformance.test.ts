import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Case, caseFiles, readCases } from './case.ts'
import { judge } from './judge.ts'
import { programs } from './programs/index.ts'

const cases = caseFiles([join(import.meta.dirname, 'cases')]).flatMap(readCases)
const byTopology = Map.groupBy(cases, (it) => it.topology)

test('every program has cases, and every case here a program', () => {
  expect([...byTopology.keys()].toSorted()).toEqual([...programs.keys()].toSorted())
})

describe.each([...byTopology.keys()])('%s', (topology) => {
  test.each(byTopology.get(topology) ?? [])('$id ($stance)', async (it) => {
    expect(await judge(it)).toEqual({ kind: 'passed' })
  })
})

describe('a case that does not hold is found', () => {
  const it = cases.find(({ id }) => id === 'tumbling-count/edge-window-boundaries') as Case
  const [first, ...others] = it.output
  const changed: readonly (readonly [what: string, change: Partial<Case>])[] = [
    ['another value', { output: [{ ...first!, value: 7 }, ...others] }],
    ['another timestamp', { output: [{ ...first!, timestampMs: 99_999 }, ...others] }],
    [
      'another window',
      { output: [{ ...first!, key: { key: 'a', startMs: 0, endMs: 1 } }, ...others] },
    ],
    ['a record too few', { output: others, outputSteps: it.outputSteps!.slice(1) }],
    ['a record of another step', { outputSteps: it.outputSteps!.map((step) => step + 1) }],
    ['another number of dropped records', { dropped: (it.dropped ?? 0) + 1 }],
    ['another grace', { params: { ...it.params, graceMs: 0, sizeMs: 1 } }],
  ]
  test.each(changed)('%s', async (_, change) => {
    expect(await judge({ ...it, ...change })).toMatchObject({ kind: 'failed' })
  })

  test('in the coalesced run alone, too', async () => {
    const { finalDifference } = await import('./compare.ts')
    const output = it.output.map((record) => ({ ...record, step: 0 }))
    const dropped = it.dropped ?? 0
    expect(finalDifference(it, { output, dropped })).toBe(null)
    expect(finalDifference(it, { output: output.slice(0, -1), dropped })).toContain('last of out')
  })
})

test('a topology that the language does not have is told apart from a failure', async () => {
  const it = { ...(cases[0] as Case), topology: 'no-such-topology' }
  expect(await judge(it)).toEqual({ kind: 'unsupported' })
})
