export { type AlertEvent, type AlertReason, alertEventSerde } from './alert-event.ts'
export { alerts } from './alerts.ts'
export { alertsOnly, backtestTopic } from './backtest/alerts-only.ts'
export {
  diffIncidents,
  type Incident,
  type IncidentDiff,
  incidentsOf,
} from './backtest/incidents.ts'
export { type AlertmanagerOptions, toAlertmanager } from './delivery/alertmanager.ts'
export type { Fetch } from './delivery/post.ts'
export { toWebhook, type WebhookOptions } from './delivery/webhook.ts'
export {
  type AbsenceOptions,
  type AlertRule,
  type AlertRuleOptions,
  alertRule,
  type ConditionOptions,
  type Severity,
} from './rule/alert-rule.ts'
export type { BareKey, Change, Sample } from './rule/sample.ts'
