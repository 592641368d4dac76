import type { Panel } from './panel.ts'
import { at, orNothing, quantile, query, rate } from './query.ts'

const view = at('view="$view"', 'lane="live"')
/** An aggregate's operator, and its store, have the name of the view. */
const operator = at('operator="$view"', 'lane="live"')
const store = at('store="$view"', 'lane="live"')
const lateness = 'millrace_record_lateness_seconds'

/** What one view tells its readers, how much, and what it leaves out. */
export const viewPanels: readonly Panel[] = [
  {
    title: 'Results are out up to',
    description: 'The event time up to which results are committed, over all tasks.',
    kind: 'stat',
    unit: 'dateTimeAsIso',
    queries: [
      query(`1000 * min(millrace_result_watermark_timestamp_seconds${view})`, 'event time'),
    ],
  },
  {
    title: 'Age of the results',
    description:
      'Now less that event time. Below: how much of it is our own delay, how much came with the input.',
    kind: 'stat',
    unit: 's',
    queries: [query(`max(time() - millrace_result_watermark_timestamp_seconds${view})`, 'age')],
  },
  {
    title: 'Open windows',
    description: 'With rows, and not closed yet. No data: a view without windows.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(millrace_windows_open${view})`, 'windows')],
  },
  {
    title: 'Late records',
    description:
      'For each window, since the start of the processes: not in the results. No data: a view without windows.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(millrace_records_late_total${operator})`, 'records')],
  },
  {
    title: 'Delay and target',
    description:
      'The own delay is to stay below the target, where the view has one. The inherited delay came with the input.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(`max(millrace_freshness_local_seconds${view})`, 'own'),
      query(`max(millrace_freshness_inherited_seconds${view})`, 'inherited'),
      query(`max(millrace_freshness_target_seconds${at('view="$view"')})`, 'target'),
    ],
  },
  {
    title: 'Rows changed',
    description:
      'Per second: how much happens in this view. Rows that change several times before a commit count once.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [query(`sum(${rate('millrace_changelog_records_total', store)})`, 'rows')],
  },
  {
    title: 'Windows open and closed',
    description: 'Open now, and closed (final) per second. Empty: a view without windows.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(`sum(millrace_windows_open${view})`, 'open'),
      query(`sum(${rate('millrace_windows_finalized_total', view)})`, 'closed'),
    ],
  },
  {
    title: 'Windows that are due',
    description:
      'Close lag: how long ago, by the clock, the oldest open window was to close. Age: since the start of it.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(`max(millrace_window_close_lag_seconds${view})`, 'close lag'),
      query(`max(time() - millrace_window_oldest_open_timestamp_seconds${view})`, 'age'),
    ],
  },
  {
    title: 'Windows held back, by whom',
    description: 'Due by the event time of others, and open: a source partition or task is slow.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(orNothing(`sum by (reason, by) (millrace_windows_held${view})`), '{{reason}} {{by}}'),
    ],
  },
  {
    title: 'Late',
    description: 'Records per second and window, by what became of them.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        `sum by (outcome, reason) (${rate('millrace_records_late_total', operator)})`,
        '{{outcome}}, {{reason}}',
      ),
    ],
  },
  {
    title: 'How late',
    description: 'How far stream time was ahead of late records. Compare it with the grace.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(quantile(0.5, lateness, operator), 'half of them'),
      query(quantile(0.99, lateness, operator), '99 of 100'),
    ],
  },
  {
    title: 'Dropped',
    description: 'Records per second that this view left out, by reason.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (reason) (${rate('millrace_records_dropped_total', operator)})`),
        '{{reason}}',
      ),
    ],
  },
]
