import type { Panel } from './panel.ts'
import { at, live, orNothing, query, rate } from './query.ts'

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
    title: 'Tasks that nobody runs',
    description:
      'Those of the topology less those that run or restore, over all processes that are shown.',
    kind: 'stat',
    unit: 'short',
    queries: [query(`max(millrace_tasks_expected${at()}) - sum(millrace_tasks${at()})`, 'tasks')],
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
        orNothing(`max(time() - millrace_task_oldest_unprocessed_timestamp_seconds${live})`),
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
    title: 'Since the last record, where some wait',
    description: 'A task with records behind that has processed none for so long is stuck.',
    kind: 'timeseries',
    unit: 's',
    queries: [
      query(
        orNothing(
          `max by (task) ((time() - millrace_task_last_record_processed_timestamp_seconds${live}) and millrace_task_backlog_records${live} > 0)`,
        ),
        '{{task}}',
      ),
    ],
  },
  {
    title: 'How long a worker thread has not turned',
    description:
      'A record that blocks a thread: the log names it. 0 while all turn; each has a line.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`millrace_thread_blocked_seconds${at()}`, '{{instance}} thread {{thread}}')],
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
    title: 'Age of these metrics',
    description:
      'Above a few scrape intervals everything else on this page is old. No line: no process.',
    kind: 'timeseries',
    unit: 's',
    queries: [query(`time() - millrace_metrics_collect_timestamp_seconds${at()}`, '{{instance}}')],
  },
]
