// As `alerting.ts`, with a higher threshold and no patience.

import { json, string, topology } from 'millrace'
import { alertRule, alerts } from 'millrace/alerts'

const { SCENE: scene = 'scene' } = process.env

export default topology((t) => {
  const readings = t.stream(`${scene}-in`, {
    key: string,
    value: json<number>(),
    nullValues: 'drop',
  })
  alerts(
    readings,
    alertRule({
      name: 'hot',
      severity: 'critical',
      summary: 'It is hot.',
      runbook: 'https://example.org/hot',
      when: ({ value }) => value > 95,
    }),
  ).to(`${scene}-alerts`)
})
