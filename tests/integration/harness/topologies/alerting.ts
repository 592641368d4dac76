// Alerts where a key stays above 90 for ten seconds, to a topic, to an HTTP server and,
// where there is one, to Alertmanager.

import { json, string, topology } from 'millrace'
import { alertRule, alerts, toAlertmanager, toWebhook } from 'millrace/alerts'

const {
  SCENE: scene = 'scene',
  SINK_URL: url = 'http://localhost',
  ALERTMANAGER: alertmanager = '',
} = process.env

export default topology((t) => {
  const readings = t.stream(`${scene}-in`, {
    key: string,
    value: json<number>(),
    nullValues: 'drop',
  })
  const events = alerts(
    readings,
    alertRule({
      name: 'hot',
      severity: 'critical',
      summary: 'It is hot.',
      runbook: 'https://example.org/hot',
      when: ({ value }) => value > 90,
      clearWhen: ({ value }) => value < 50,
      for: '10s',
      keepFiringFor: '5s',
    }),
  )
  events.to(`${scene}-alerts`)
  toWebhook(events, { name: 'hook', url, backoff: '20ms' })
  if (alertmanager !== '') {
    toAlertmanager(events, {
      name: 'alertmanager',
      urls: [alertmanager],
      resendEvery: '1s',
      backoff: '20ms',
    })
  }
})
