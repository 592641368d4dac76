import type { KStream } from '@millrace/dsl'
import { MillraceError } from '@millrace/errors'
import { json, string } from '@millrace/record'
import { type Clock, type Duration, parseDuration, systemClock } from '@millrace/time'
import type { AlertEvent } from '../alert-event.ts'
import { type FiringBucket, type Notice, retell } from './firing-alerts.ts'
import { checkedUrl, type Fetch, post } from './post.ts'

export interface AlertmanagerOptions {
  /** Names the outbox `<app>-<name>-outbox-repartition`, the store `<name>-firing` and the nodes. */
  readonly name: string
  /** Of every replica, as `http://alertmanager-1:9093`: they do not tell each other of alerts. */
  readonly urls: readonly string[]
  /** How often what fires is told of again, by the wall clock. Default 1 min. */
  readonly resendEvery?: Duration
  /** For one attempt. Default 10 s. */
  readonly timeout?: Duration
  /** Before the second attempt; doubled each time, up to 30 s. Default 100 ms. */
  readonly backoff?: Duration
  readonly headers?: { readonly [name: string]: string }
  /** Default: the platform's. */
  readonly fetch?: Fetch
  readonly clock?: Clock
}

/** Prometheus' own rule: an alert ends by itself when it was not told of for so many intervals. */
const intervalsOfSilence = 4
/** After so many attempts a replica that does not answer is left to the next telling. */
const attemptsForAll = 3

/**
 * Tells Alertmanager (API v2) of alerts, through an outbox: of each when it begins and ends, and of what
 * fires again and again until it is over, as Alertmanager asks of its clients. While no replica answers
 * everything waits, in order; repetitions that have grown old meanwhile are left out.
 */
export function toAlertmanager(
  events: KStream<string | null, AlertEvent, 'changed'>,
  options: AlertmanagerOptions,
): void {
  const {
    name,
    urls,
    resendEvery = '1m',
    timeout = '10s',
    backoff = '100ms',
    headers = {},
  } = options
  const { fetch = globalThis.fetch, clock = systemClock } = options
  const everyMs = parseDuration(resendEvery, `resendEvery of '${name}'`)
  if (urls.length === 0 || everyMs === 0) {
    const why = urls.length === 0 ? 'it has no urls' : 'its resendEvery is 0'
    throw new MillraceError('MILLRACE_ALERTS_RULE_INVALID', {
      message: `alerts cannot go to '${name}': ${why}`,
    })
  }
  const targets = urls.map((url) => `${checkedUrl(name, url).replace(/\/$/, '')}/api/v2/alerts`)
  const store = `${name}-firing`
  const notices = events.process({
    name: `${name}-retelling`,
    key: string,
    value: json<Notice>(),
    stores: { [store]: { value: json<FiringBucket>() } },
    start: (context) => retell(context, store, resendEvery),
  })
  notices.sink({
    name,
    kind: 'external',
    timeout,
    backoff,
    write: async (notice, _key, { signal, attempt }) => {
      if (notice === null) return
      const nowMs = clock.nowMs()
      const { repeatedAtMs } = notice
      if (repeatedAtMs !== null && nowMs - repeatedAtMs > 2 * everyMs) return
      const body = notice.alerts.map((event) => alertOf(event, nowMs, everyMs))
      const posts = targets.map((url) => post(fetch, { url, headers, body, signal }))
      const failures = (await Promise.allSettled(posts)).filter((it) => it.status === 'rejected')
      if (failures.length === 0) return
      if (failures.length < targets.length && attempt >= attemptsForAll) return
      throw worstOf(failures.map(({ reason }) => reason as unknown))
    },
  })
}

/** That something is wrong with the alert counts only where every replica says so. */
function worstOf(failures: readonly unknown[]): unknown {
  return failures.find((it) => !(it instanceof MillraceError)) ?? failures[0]
}

/** As `postableAlert` of Alertmanager's API v2. */
interface PostableAlert {
  readonly labels: { readonly [name: string]: string }
  readonly annotations: { readonly [name: string]: string }
  readonly startsAt: string
  readonly endsAt: string
}

function alertOf(event: AlertEvent, nowMs: number, everyMs: number): PostableAlert {
  const { rule, severity, labels, dedupeKey, summary, description, runbook, status } = event
  // Begun in event time; what an alert's end is compared with is Alertmanager's clock.
  const startsAtMs = Math.min(event.firedAtMs, nowMs)
  const endsAtMs = status === 'resolved' ? nowMs : nowMs + intervalsOfSilence * everyMs
  return {
    labels: { ...labels, alertname: rule, severity, dedupe_key: dedupeKey },
    annotations: {
      summary,
      description: event.isProvisional ? `${description} (provisional)` : description,
      runbook_url: runbook,
    },
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(endsAtMs).toISOString(),
  }
}
