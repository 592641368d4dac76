import type { Panel } from './panel.ts'
import { at, live, orNothing, quantile, query, rate } from './query.ts'

const rebalances = `millrace_rebalance_duration_seconds_bucket${at()}[$__range]`
const commit = 'millrace_commit_duration_seconds'

/** What the state takes, what is still to restore, and what moves it: rebalances and commits. */
export const statePanels: readonly Panel[] = [
  {
    title: 'State on disk',
    description: 'Files under the state directories of all processes that are shown.',
    kind: 'stat',
    unit: 'bytes',
    queries: [query(`sum(millrace_state_bytes${at()})`, 'bytes')],
  },
  {
    title: 'Free on the fullest disk',
    description: 'Of the disks of the state directories. Below 1 GiB MillraceStateDiskLow fires.',
    kind: 'stat',
    unit: 'bytes',
    queries: [query(`min(millrace_state_disk_free_bytes${at()})`, 'free')],
  },
  {
    title: 'Left to restore',
    description: 'Changelog records. Tasks that restore process nothing meanwhile.',
    kind: 'stat',
    unit: 'short',
    queries: [query(orNothing(`sum(millrace_restore_remaining_records${at()})`), 'records')],
  },
  {
    title: 'Restored in',
    description: 'Of the store that takes longest, at the rate of its restore so far.',
    kind: 'stat',
    unit: 's',
    queries: [query(orNothing(`max(millrace_restore_eta_seconds${at()})`), 'time')],
  },
  {
    title: 'State on disk, by task',
    description: 'The ten largest. One far above the others: its keys are too many.',
    kind: 'timeseries',
    unit: 'bytes',
    queries: [query(`topk(10, sum by (task) (millrace_state_bytes${at()}))`, '{{task}}')],
  },
  {
    title: 'Share of the budget',
    description:
      'State of each process, of MILLRACE_STATE_DISK_BUDGET; at 1 the process stops. No line: no budget.',
    kind: 'timeseries',
    unit: 'percentunit',
    queries: [
      query(
        `sum by (instance) (millrace_state_bytes${at()}) / sum by (instance) (millrace_state_budget_bytes${at()})`,
        '{{instance}}',
      ),
    ],
  },
  {
    title: 'Free on the disk, by process',
    description: 'Of the disk of the state directory, whoever else uses it.',
    kind: 'timeseries',
    unit: 'bytes',
    queries: [query(`min by (instance) (millrace_state_disk_free_bytes${at()})`, '{{instance}}')],
  },
  {
    title: 'Rows in memory, by task',
    description: 'Of all stores of a task; the ten with the most.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`topk(10, sum by (task) (millrace_state_rows_cached${at()}))`, '{{task}}')],
  },
  {
    title: 'Written to changelogs',
    description: 'Records per second, by store: what a restore will have to read.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum by (store) (${rate('millrace_changelog_records_total', live)})`, '{{store}}'),
    ],
  },
  {
    title: 'Restored',
    description: 'Changelog records per second, by store.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(
        orNothing(`sum by (store) (${rate('millrace_restore_records_total', at())})`),
        '{{store}}',
      ),
    ],
  },
  {
    title: 'Left to restore, by store',
    description: 'Changelog records. It has to fall; if not, MillraceRestoreStuck fires.',
    kind: 'timeseries',
    unit: 'short',
    queries: [
      query(orNothing(`sum by (store) (millrace_restore_remaining_records${at()})`), '{{store}}'),
    ],
  },
  {
    title: 'Restored in, by store',
    description:
      'What is left to restore, divided by the rate at which it has been restored so far.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(orNothing(`max by (store) (millrace_restore_eta_seconds${at()})`), '{{store}}'),
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
    title: 'Partitions by phase',
    description: 'Held ones wait for a command; restoring ones for their changelogs.',
    kind: 'timeseries',
    unit: 'short',
    queries: [query(`sum by (phase) (millrace_partition_phase${at()})`, '{{phase}}')],
  },
  {
    title: 'Rebalances',
    description: 'Assignments per second, by process. Again and again: processes come and go.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum by (instance) (${rate('millrace_rebalances_total', at())})`, '{{instance}}'),
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
    title: 'Time of a commit',
    description: 'Near the commit interval, processing waits for the brokers or for the disk.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(quantile(0.5, commit, at()), 'half of them'),
      query(quantile(0.99, commit, at()), '99 of 100'),
    ],
  },
  {
    title: 'Transactions given up, members fenced',
    description:
      'Per second, by error code. Now and then after a rebalance; steadily: see the logs.',
    kind: 'timeseries',
    unit: 'cps',
    queries: [
      query(`sum by (reason) (${rate('millrace_txn_aborted_total', at())})`, 'given up {{reason}}'),
      query(`sum by (reason) (${rate('millrace_fenced_total', at())})`, 'fenced {{reason}}'),
    ],
  },
  {
    title: 'Rebalances in this time',
    description: 'Assignments received in the time that is shown, by all processes.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`sum(increase(millrace_rebalances_total${at()}[$__range]))`, 'rebalances')],
  },
  {
    title: 'Time of a rebalance',
    description:
      'Half of those in the time that is shown took at most this long, from joining again to the assignment.',
    kind: 'stat',
    unit: 's',
    queries: [
      query(`histogram_quantile(0.5, sum by (le) (increase(${rebalances})))`, 'half of them'),
    ],
  },
]
