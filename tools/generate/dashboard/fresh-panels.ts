import type { Panel } from './panel.ts'
import { at, live, orNothing, quantile, query, rate } from './query.ts'

/** As deploy/prometheus/rules/freshness.yml records it: by job and view, over all instances. */
const recorded = (name: string): string => `job_view:millrace_freshness_${name}{job=~"$job"}`
const canary = 'millrace_canary_roundtrip_seconds'

/** From the answer ("is it fresh?") to who is late, and to what windows wait for. */
export const freshPanels: readonly Panel[] = [
  {
    title: 'Views that miss their target',
    description:
      'Whose own delay is above `freshness.target` now. No data: no view of these jobs has a target, or the rules of freshness.yml are not loaded.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(${recorded('missed:bool')})`, 'views')],
    badFrom: 1,
  },
  {
    title: 'Largest own delay',
    description:
      'How long input has waited for the commit of its results, and what windows wait by design. It grows while a worker is stuck.',
    kind: 'stat',
    unit: 's',
    queries: [query(`max(millrace_freshness_local_seconds${live})`, 'own')],
  },
  {
    title: 'Largest inherited delay',
    description:
      'How old the newest input was when all that was there had been processed. Large: the producers are late or silent, or the data is old.',
    kind: 'stat',
    unit: 's',
    queries: [query(`max(millrace_freshness_inherited_seconds${live})`, 'inherited')],
  },
  {
    title: 'Windows held back',
    description: 'Due by the event time of others, and open. Below: by whom.',
    kind: 'stat',
    unit: 'short',
    queries: [query(orNothing(`sum(millrace_windows_held${live})`), 'windows')],
    badFrom: 1,
  },
  {
    title: 'Own delay and target, by view',
    description: 'Above its target a view uses up its error budget. Only the own delay is judged.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(`max by (view) (millrace_freshness_local_seconds${live})`, 'own {{view}}'),
      query(`max by (view) (millrace_freshness_target_seconds${at()})`, 'target {{view}}'),
    ],
  },
  {
    title: 'Inherited delay, by view',
    description: 'Ask whoever writes the sources. Own and inherited delay together are the age.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`max by (view) (millrace_freshness_inherited_seconds${live})`, '{{view}}')],
  },
  {
    title: 'Burn rate: what pages',
    description:
      'How many times faster than promised the target is missed. MillraceFreshnessBurnFast: 1h and 5m above 14.4, or 6h and 30m above 6.',
    kind: 'timeseries',
    unit: 'short',
    queries: ['5m', '30m', '1h', '6h'].map((range) =>
      query(recorded(`burn:rate${range}`), `${range} {{view}}`),
    ),
  },
  {
    title: 'Burn rate: what makes a ticket',
    description:
      'MillraceFreshnessBurnSlow: 3d and 6h above 1. At 1 for a month the whole budget is used.',
    kind: 'timeseries',
    unit: 'short',
    queries: ['6h', '3d'].map((range) => query(recorded(`burn:rate${range}`), `${range} {{view}}`)),
  },
  {
    title: 'Age of the results, by view',
    description:
      'Now less the event time up to which results are out. The results of a window wait for its end and grace.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `max by (view) (time() - millrace_result_watermark_timestamp_seconds${live})`,
        '{{view}}',
      ),
    ],
  },
  {
    title: 'Close lag, by view',
    description:
      'How long ago, by the clock, the oldest open window was to close. On a silent source it grows: see `idle` in docs/time.md.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`max by (view) (millrace_window_close_lag_seconds${live})`, '{{view}}')],
  },
  {
    title: 'Windows held back, by whom',
    description:
      'A source partition that is idle (read to its end), behind (records wait) or paused, or the task upstream that is slowest.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(
        orNothing(`sum by (view, reason, by) (millrace_windows_held${live})`),
        '{{view}}: {{reason}} {{by}}',
      ),
    ],
  },
  {
    title: 'Age of the oldest open window',
    description:
      'Now less its start. Never much above the size and grace of the windows on a live stream.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `max by (view) (time() - millrace_window_oldest_open_timestamp_seconds${live})`,
        '{{view}}',
      ),
    ],
  },
  {
    title: 'Windows',
    description: 'Open now, and closed per second.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(`sum by (view) (millrace_windows_open${live})`, 'open {{view}}'),
      query(`sum by (view) (${rate('millrace_windows_finalized_total', live)})`, 'closed {{view}}'),
    ],
  },
  {
    title: 'From event time to commit',
    description:
      'Of the oldest and newest result of each commit, 99 of 100. Final results wait for their window.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(quantile(0.99, 'millrace_e2e_latency_seconds', at(), 'topic'), '{{topic}}')],
  },
  {
    title: 'Canary: time of a round trip',
    description:
      'Of probes through the whole path of every worker. No line: no canary (MILLRACE_CANARY_INTERVAL).',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(quantile(0.5, canary, at()), 'half of them'),
      query(quantile(0.99, canary, at()), '99 of 100'),
    ],
  },
  {
    title: 'Canary: since the last echo, by partition',
    description:
      'A heartbeat through each partition; above a minute MillraceCanaryMissing fires. No line: no canary.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `max by (instance, partition) (time() - millrace_canary_last_success_timestamp_seconds${at()})`,
        '{{instance}} {{partition}}',
      ),
    ],
  },
]
