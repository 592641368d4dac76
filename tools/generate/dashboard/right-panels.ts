import type { Panel } from './panel.ts'
import { at, live, orNothing, quantile, query, rate } from './query.ts'

const lateness = 'millrace_record_lateness_seconds'
const late = rate('millrace_records_late_total', live)
const ahead = `max(millrace_task_stream_timestamp_seconds${live} - time())`

/** From what must be 0 to what was left out, and why. */
export const rightPanels: readonly Panel[] = [
  {
    title: 'Books that do not balance',
    description:
      'Commits at which records in and out of an operator did not add up, since the start of the processes. Above 0 is a defect: report it.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(millrace_conservation_mismatches_total${at()})`, 'commits')],
    badFrom: 1,
  },
  {
    title: 'Dead letters',
    description:
      'Since the start of the processes. They lie in the dead-letter topic, with the reason.',
    kind: 'stat',
    unit: 'short',
    queries: [query(orNothing(`sum(millrace_dead_letters_total${live})`), 'records')],
    badFrom: 1,
  },
  {
    title: 'Share that comes too late',
    description:
      'Late records (for each window) of those taken from the sources. Above a twentieth MillraceLateDropRatio fires: more grace, or ask the producer.',
    kind: 'stat',
    unit: 'percentunit',
    queries: [
      query(`sum(${late}) / sum(${rate('millrace_records_consumed_total', live)})`, 'late'),
    ],
    badFrom: 0.05,
  },
  {
    title: 'Keys in another partition',
    description:
      'Sampled keys, since the start of the processes, that lie elsewhere than those they are joined with: matches are missed. The producers use different partitioners.',
    kind: 'stat',
    unit: 'short',
    queries: [query(orNothing(`sum(millrace_partitioners_disagree_total${live})`), 'keys')],
    badFrom: 1,
  },
  {
    title: 'Late records',
    description:
      'Per second and window, after it had closed: dropped, or sent to the late topic (side). Reason idle-advance: silence closed it.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        `sum by (operator, outcome, reason) (${late})`,
        '{{operator}} ({{outcome}}, {{reason}})',
      ),
    ],
  },
  {
    title: 'How late they are',
    description:
      'How far stream time was ahead of late records. So much more grace would have been needed, and costs as much delay.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(quantile(0.5, lateness, live, 'operator'), 'half of them, {{operator}}'),
      query(quantile(0.99, lateness, live, 'operator'), '99 of 100, {{operator}}'),
    ],
  },
  {
    title: 'Dropped',
    description: 'Per second, by operator and reason: docs/bad-input.md says what each means.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (operator, reason) (${rate('millrace_records_dropped_total', live)})`),
        '{{operator}} {{reason}}',
      ),
    ],
  },
  {
    title: 'Dead letters, by reason',
    description: 'Per second, by error code: docs/operations/errors.md says what to do for each.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (reason) (${rate('millrace_dead_letters_total', live)})`),
        '{{reason}}',
      ),
    ],
  },
  {
    title: 'Oldest dead letter that waits',
    description:
      'Since it failed, of those of which nothing has become yet: `millrace dlq` lists them. Above a day MillraceDeadLetterOld fires. 0 where none waits.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        orNothing(`max(time() - millrace_dead_letter_oldest_timestamp_seconds${at()})`),
        'oldest',
      ),
    ],
  },
  {
    title: 'Tried again, and undone',
    description:
      'Failed records per second: those tried again, and those whose effects were undone from the last commit on.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (reason) (${rate('millrace_record_retries_total', live)})`),
        'tried again {{reason}}',
      ),
      query(
        orNothing(`sum by (reason) (${rate('millrace_record_rollbacks_total', live)})`),
        'undone {{reason}}',
      ),
    ],
  },
  {
    title: 'Where records went',
    description:
      'Per second: taken from the sources, late (for each window), dropped, dead letters, written to topics. The books are checked for each operator at each commit.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum(${rate('millrace_records_consumed_total', live)})`, 'taken'),
      query(`sum(${late})`, 'late'),
      query(orNothing(`sum(${rate('millrace_records_dropped_total', live)})`), 'dropped'),
      query(orNothing(`sum(${rate('millrace_dead_letters_total', live)})`), 'dead letters'),
      query(`sum(${rate('millrace_records_produced_total', live)})`, 'written'),
    ],
  },
  {
    title: 'Records in flight',
    description: 'Fetched and not yet processed, by process.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`sum by (instance) (millrace_records_in_flight${at()})`, '{{instance}}')],
  },
  {
    title: 'Books that do not balance, by operator',
    description: 'Commits since the start of the processes; every line is to lie at 0.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(`sum by (operator) (millrace_conservation_mismatches_total${at()})`, '{{operator}}'),
    ],
  },
  {
    title: 'Event time ahead of the clock',
    description:
      'Of the task that is furthest ahead; 0 where none is. Above five minutes MillraceClockSkew fires: a clock is wrong. `maxFutureSkew` sets such records aside.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`clamp_min(${ahead}, 0)`, 'furthest')],
  },
  {
    title: 'Results from the future',
    description:
      'Per second and topic, of the oldest and newest of each commit: their event time was after the commit.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum by (topic) (${rate('millrace_e2e_latency_negative_total', at())})`, '{{topic}}'),
    ],
  },
  {
    title: 'Keys in another partition, by topic',
    description: 'Sampled keys per second; the log names the two topics.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (topic) (${rate('millrace_partitioners_disagree_total', live)})`),
        '{{topic}}',
      ),
    ],
  },
]
