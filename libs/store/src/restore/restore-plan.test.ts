import { expect, test } from 'vitest'
import { planRestore, type RestoreFacts } from './restore-plan.ts'

const facts: RestoreFacts = {
  recordedOffset: 50,
  logStartOffset: 0,
  logEndOffset: 80,
  committedAtMs: 1_000,
  nowMs: 2_000,
  deleteRetentionMs: 5_000,
}

test('a state behind the end of its changelog takes the tail in', () => {
  expect(planRestore(facts)).toEqual({ kind: 'tail', fromOffset: 50 })
})

test.each<[string, Partial<RestoreFacts>]>([
  ['no-state', { recordedOffset: undefined, logStartOffset: 7 }],
  ['ahead-of-changelog', { logEndOffset: 49 }],
  ['changelog-truncated', { logStartOffset: 51 }],
  ['away-too-long', { nowMs: 6_000 }],
])('a state that cannot be carried on (%s) is restored in full', (reason, difference) => {
  const plan = planRestore({ ...facts, ...difference })
  const fromOffset = difference.logStartOffset ?? 0
  expect(plan).toMatchObject({ kind: 'full', reason, fromOffset })
})

test('a state at the end of its changelog has missed nothing, however long it was away', () => {
  const away = { recordedOffset: 80, nowMs: 1e12, logStartOffset: 80 }
  expect(planRestore({ ...facts, ...away })).toEqual({ kind: 'none' })
})

test('an empty changelog and no state: a full restore of nothing', () => {
  const empty = { recordedOffset: undefined, logEndOffset: 0 }
  expect(planRestore({ ...facts, ...empty })).toMatchObject({ kind: 'full', fromOffset: 0 })
})
