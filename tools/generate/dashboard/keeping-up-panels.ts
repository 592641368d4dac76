import type { Panel, Query } from './panel.ts'

/** The selector that every metric of a query carries, with more matchers before it where needed. */
function at(...matchers: readonly string[]): string {
  return `{${[...matchers, 'job=~"$job"', 'instance=~"$instance"'].join(', ')}}`
}

const live = at('lane="live"')
const query = (expression: string, legend: string): Query => ({ expression, legend })
const rate = (metric: string, selector: string): string =>
  `rate(${metric}${selector}[$__rate_interval])`

/** From the answer ("is it keeping up?") to the reasons; four stats, then graphs in pairs. */
export const keepingUpPanels: readonly Panel[] = [
  {
    title: 'Records behind',
    description:
      'Written to the sources and not processed yet. A number that falls, or stays small, is good.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(millrace_task_backlog_records${live})`, 'records')],
  },
  {
    title: 'Time to work off',
    description:
      'What is behind, divided by the rate at which records are processed now. Infinite: nothing moves.',
    kind: 'stat',
    unit: 's',
    queries: [
      query(
        `sum(millrace_task_backlog_records${live}) / sum(${rate('millrace_records_consumed_total', live)})`,
        'time',
      ),
    ],
  },
  {
    title: 'Workers not running',
    description: 'Expected worker threads less those that run. Above 0 for long: see the logs.',
    kind: 'stat',
    unit: 'short',
    queries: [
      query(
        `sum(millrace_workers_expected${at()}) - sum(millrace_worker_state${at('state="running"')})`,
        'workers',
      ),
    ],
    badFrom: 1,
  },
  {
    title: 'Books that do not balance',
    description:
      'Commits at which records in and out of an operator did not add up. Above 0 is a defect: report it.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(millrace_conservation_mismatches_total${at()})`, 'commits')],
    badFrom: 1,
  },
  {
    title: 'Records in and out',
    description: 'Taken from source topics and written to topics, per second.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum by (topic) (${rate('millrace_records_consumed_total', live)})`, 'in {{topic}}'),
      query(`sum by (topic) (${rate('millrace_records_produced_total', live)})`, 'out {{topic}}'),
    ],
  },
  {
    title: 'Records behind, by task',
    description:
      'One task far above the others: its keys are too many for one partition. All of them: add processors, up to the number of partitions.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`topk(10, max by (task) (millrace_task_backlog_records${live}))`, '{{task}}')],
  },
  {
    title: 'Age of the next record',
    description:
      'Now less the event time of the oldest record that waits for its turn; 0 where none waits. Old data is old also when it is processed at once.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `max(time() - millrace_task_oldest_unprocessed_timestamp_seconds${live}) or vector(0)`,
        'oldest',
      ),
    ],
  },
  {
    title: 'Stream time behind the clock',
    description:
      'Now less the stream time of the slowest task: windows close by stream time. It grows while a source is silent.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(`max(time() - millrace_task_stream_timestamp_seconds${live})`, 'slowest task'),
      query(`min(time() - millrace_task_stream_timestamp_seconds${live})`, 'fastest task'),
    ],
  },
  {
    title: 'Event time by partition',
    description:
      'Now less the largest event time processed. One far above the others holds windows open behind a repartition.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `topk(10, time() - millrace_partition_stream_timestamp_seconds${live})`,
        '{{topic}} {{partition}}',
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
    title: 'From event time to commit',
    description:
      'Of the oldest and newest result of each commit, 99 of 100. Final results wait for their window.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `histogram_quantile(0.99, sum by (le, topic) (${rate('millrace_e2e_latency_seconds_bucket', at())}))`,
        '{{topic}}',
      ),
    ],
  },
  {
    title: 'Since the last record, where some wait',
    description: 'A task with records behind that has processed none for so long is stuck.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `max by (task) ((time() - millrace_task_last_record_processed_timestamp_seconds${live}) and millrace_task_backlog_records${live} > 0) or vector(0)`,
        '{{task}}',
      ),
    ],
  },
  {
    title: 'Records before deletion reaches unread ones',
    description:
      'From the start of the log to the position of the task that is nearest to it. 0 while records are behind: the broker deletes what was never read.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`min(millrace_task_retention_headroom_records${live})`, 'nearest task')],
  },
  {
    title: 'Left out: late, dropped, dead letters',
    description:
      'Per second. Late ones came after their window had closed; dead letters lie in the dead-letter topic with the reason.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        `sum by (operator, outcome, reason) (${rate('millrace_records_late_total', live)})`,
        'late {{operator}} ({{outcome}}, {{reason}})',
      ),
      query(
        `sum by (operator, reason) (${rate('millrace_records_dropped_total', live)}) or vector(0)`,
        'dropped {{operator}} {{reason}}',
      ),
      query(
        `sum by (reason) (${rate('millrace_dead_letters_total', live)}) or vector(0)`,
        'dead letters {{reason}}',
      ),
    ],
  },
  {
    title: 'Commits',
    description:
      'Per second, by result. Failed ones are repeated; many of them: look at the brokers.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [query(`sum by (result) (${rate('millrace_commits_total', at())})`, '{{result}}')],
  },
  {
    title: 'Transactions given up, members fenced',
    description:
      'Per second, by error code. Now and then after a rebalance; steadily: see the logs.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        `sum by (reason) (${rate('millrace_txn_aborted_total', at())}) or vector(0)`,
        'given up {{reason}}',
      ),
      query(
        `sum by (reason) (${rate('millrace_fenced_total', at())}) or vector(0)`,
        'fenced {{reason}}',
      ),
    ],
  },
  {
    title: 'Time of a commit',
    description: 'Near the commit interval, processing waits for the brokers or for the disk.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `histogram_quantile(0.5, sum by (le) (${rate('millrace_commit_duration_seconds_bucket', at())}))`,
        'half of them',
      ),
      query(
        `histogram_quantile(0.99, sum by (le) (${rate('millrace_commit_duration_seconds_bucket', at())}))`,
        '99 of 100',
      ),
    ],
  },
  {
    title: 'Tasks by state',
    description:
      'Restoring tasks process nothing yet. The sum is the number of tasks of the topology.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`sum by (state) (millrace_tasks${at()})`, '{{state}}')],
  },
  {
    title: 'Tasks that nobody runs',
    description:
      'Those of the topology less those that run or restore, over all processes that are shown.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`max(millrace_tasks_expected${at()}) - sum(millrace_tasks${at()})`, 'tasks')],
  },
  {
    title: 'Partitions by phase',
    description: 'Held ones wait for a command; restoring ones for their changelogs.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`sum by (phase) (millrace_partition_phase${at()})`, '{{phase}}')],
  },
  {
    title: 'Left to restore',
    description: 'Changelog records, by store. It has to fall.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(`sum by (store) (millrace_restore_remaining_records${at()}) or vector(0)`, '{{store}}'),
    ],
  },
  {
    title: 'Restored in',
    description:
      'What is left to restore, divided by the rate at which it has been restored so far.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(`max by (store) (millrace_restore_eta_seconds${at()}) or vector(0)`, '{{store}}'),
    ],
  },
  {
    title: 'Rebalances',
    description: 'Assignments received in five minutes. Again and again: processes come and go.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(`sum by (instance) (increase(millrace_rebalances_total${at()}[5m]))`, '{{instance}}'),
    ],
  },
  {
    title: 'Time of a rebalance',
    description: 'Half of them took at most this long, from joining again to the assignment.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        `histogram_quantile(0.5, sum by (le) (increase(millrace_rebalance_duration_seconds_bucket${at()}[1h])))`,
        'half of them',
      ),
    ],
  },
  {
    title: 'Age of these metrics',
    description:
      'Above a few scrape intervals everything else on this page is old. No line: no process.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`time() - millrace_metrics_collect_timestamp_seconds${at()}`, '{{instance}}')],
  },
]
