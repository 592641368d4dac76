import { type StreamBuilder, topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { alertRule, alerts, toWebhook } from '../index.ts'
import { alertsOnly } from './alerts-only.ts'

const rule = alertRule<string, number>({
  name: 'many',
  severity: 'info',
  summary: 'Many.',
  runbook: 'https://example.org',
  when: ({ value }) => value > 3,
})

const program = (t: StreamBuilder) => {
  const words = t.stream('in', { key: string, value: json<string>(), nullValues: 'drop' })
  words.mapValues((word) => word.length).to('lengths')
  words.sink({ name: 'mail', write: () => {} })
  const counts = words
    .groupBy((word) => word, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '5m' }))
    .count({ name: 'counts', late: 'late' })
  counts.to('counts')
  const events = alerts(counts, rule)
  events.to('alerts')
  toWebhook(events, { name: 'hook', url: 'http://localhost' })
}

test('what the rules need is left, through repartitions, and nothing that goes out', () => {
  const only = alertsOnly(topology(program))
  const names = [...only.nodes.keys()]
  expect(names).toEqual(expect.arrayContaining(['counts', 'many', 'sink-alerts-backtest']))
  const sinks = [...only.nodes.values()].filter(({ kind }) => kind === 'sink')
  expect(sinks.map((node) => String('topic' in node && node.topic)).toSorted()).toEqual([
    'alerts-backtest',
    'by-word',
  ])
  expect([...only.stores.keys()].toSorted()).toEqual(['counts', 'many', 'many-due', 'many-open'])
  expect([...only.repartitions.keys()]).toEqual(['by-word'])
})

test('a topology without rules is refused', () => {
  const none = topology((t) => t.stream('in').to('out'))
  expect(() => alertsOnly(none)).toThrow('no alert rules')
})
