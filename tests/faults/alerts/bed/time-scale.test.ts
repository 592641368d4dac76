import { expect, test } from 'vitest'
import { scaledRule } from './time-scale.ts'

test('ranges, steps, offsets and waits become shorter, thresholds stay', () => {
  const rule = {
    alert: 'Lag',
    expr: 'sum_over_time(x:y[3d:1m]) / 4320 > 120 and rate(a_total{b="10m"}[5m]) > 0 and a offset 10m > 1',
    for: '5m',
    keep_firing_for: '90s',
    labels: { severity: 'warning' },
  }
  expect(scaledRule(rule, 60)).toEqual({
    alert: 'Lag',
    expr: 'sum_over_time(x:y[4320000ms:1000ms]) / 4320 > 120 and rate(a_total{b="10m"}[5000ms]) > 0 and a offset 10000ms > 1',
    for: '5000ms',
    keep_firing_for: '1500ms',
    labels: { severity: 'warning' },
  })
})

test('a scale of one changes no time', () => {
  expect(scaledRule({ expr: 'rate(x[5m])', for: '1m' }, 1)).toEqual({
    expr: 'rate(x[300000ms])',
    for: '60000ms',
  })
})
