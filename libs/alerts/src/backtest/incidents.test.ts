import { expect, test } from 'vitest'
import type { AlertEvent } from '../alert-event.ts'
import { diffIncidents, incidentsOf } from './incidents.ts'

function event(key: string, firedAtMs: number, resolvedAtMs: number | null = null): AlertEvent {
  const status = resolvedAtMs === null ? 'firing' : 'resolved'
  return {
    id: `hot/${key}@${firedAtMs}/${status}`,
    status,
    rule: 'hot',
    dedupeKey: `hot/${key}`,
    severity: 'info',
    labels: {},
    summary: 'Hot.',
    description: 'Hot.',
    runbook: 'https://example.org',
    reason: status === 'firing' ? 'condition' : 'cleared',
    sinceMs: firedAtMs,
    firedAtMs,
    resolvedAtMs,
    isProvisional: false,
    window: null,
  }
}

const spans = (incidents: ReturnType<typeof incidentsOf>) =>
  incidents.map(({ dedupeKey, firing, resolved }) => [
    dedupeKey,
    firing.firedAtMs,
    resolved?.resolvedAtMs ?? null,
  ])

test('a firing and its end are one; those before the time asked for are left out', () => {
  const events = [event('b', 1), event('a', 5), event('a', 5, 7), event('a', 9), event('b', 1, 10)]
  expect(spans(incidentsOf(events, 5))).toEqual([
    ['hot/a', 5, 7],
    ['hot/a', 9, null],
  ])
})

test('two runs differ in what only one of them said, and in when it ended', () => {
  const before = incidentsOf([event('a', 1), event('a', 1, 3), event('b', 2), event('c', 4)], 0)
  const after = incidentsOf([event('a', 1), event('a', 1, 5), event('c', 4), event('d', 4)], 0)
  const diff = diffIncidents(before, after)
  expect(spans(diff.onlyBefore)).toEqual([['hot/b', 2, null]])
  expect(spans(diff.onlyAfter)).toEqual([['hot/d', 4, null]])
  expect(spans(diff.changed.map((pair) => pair.after))).toEqual([['hot/a', 1, 5]])
  expect(spans(diff.same)).toEqual([['hot/c', 4, null]])
})
