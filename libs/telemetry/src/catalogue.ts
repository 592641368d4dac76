export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface MetricDefinition {
  readonly kind: MetricKind
  readonly help: string
  /** Names of all labels a series of this metric has, in order. */
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, ascending, without +Inf. */
  readonly buckets?: readonly number[]
  /** How the same series of several threads becomes one. Default: the sum. */
  readonly over?: 'sum' | 'min' | 'max'
  /** Set to a Unix time in seconds; the scrape shows how long ago that is, so that it grows while a worker is stuck. */
  readonly isAge?: boolean
}

function counter(help: string, ...labels: string[]): MetricDefinition {
  return { kind: 'counter', help, labels }
}

function gauge(help: string, ...labels: string[]): MetricDefinition {
  return { kind: 'gauge', help, labels }
}

/** The smallest over the threads: a mean or a largest would hide who is behind. */
function smallest(help: string, ...labels: string[]): MetricDefinition {
  return { kind: 'gauge', help, labels, over: 'min' }
}

/** Never the mean: one slow thread is what is looked for. */
function largest(help: string, ...labels: string[]): MetricDefinition {
  return { kind: 'gauge', help, labels, over: 'max' }
}

/** The oldest over the threads, as an age, worked out at the scrape. */
function age(help: string, ...labels: string[]): MetricDefinition {
  return { kind: 'gauge', help, labels, over: 'min', isAge: true }
}

function histogram(
  help: string,
  buckets: readonly number[],
  ...labels: string[]
): MetricDefinition {
  return { kind: 'histogram', help, labels, buckets }
}

const commitBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const rebalanceBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const endToEndBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]

const latenessBuckets = [0.1, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800]

/**
 * Every metric of the engine and the service, in one place; `docs/metrics.md` is generated from it.
 * Timestamps are Unix seconds: subtract them from `time()`. The few ages are worked out at the scrape.
 */
export const metricCatalogue = {
  millrace_canary_probes_total: counter('Probes sent through the canary tasks.'),
  millrace_canary_roundtrip_seconds: histogram(
    'From the sending of a probe by this process until it read the committed echo.',
    endToEndBuckets,
  ),
  millrace_canary_last_success_timestamp_seconds: gauge(
    'When this process last read the echo of a probe of its own, by the partition that it went through; before the first one, when it began to send.',
    'partition',
  ),
  millrace_build_info: gauge('Constant 1.', 'version'),
  millrace_config_info: gauge(
    'Constant 1. The hash is the same for instances with the same settings (secrets and what is the own of an instance left out).',
    'hash',
  ),
  millrace_app_state: gauge(
    '1 for the state of the whole process, 0 for the others: failed where a worker has failed, running where all run, else the least advanced of its workers.',
    'state',
  ),
  millrace_worker_state: gauge(
    '1 for the state a worker thread is in, 0 for the others.',
    'thread',
    'state',
  ),
  millrace_thread_blocked_seconds: gauge(
    'How long a worker thread has not turned: the log names the record that blocks it. 0 while it turns.',
    'thread',
  ),
  millrace_workers_expected: gauge('Worker threads that should be running.'),
  millrace_tasks: gauge('Tasks of this process by state.', 'state'),
  millrace_tasks_expected: gauge(
    'Tasks of the whole topology, over all processes: each process tells the same number.',
  ),
  millrace_partition_phase: gauge(
    'Assigned partitions by phase: opening, restoring (their task reads its changelogs), running, held (by a command).',
    'phase',
  ),
  millrace_rebalances_total: counter('Assignments received from the consumer group.'),
  millrace_rebalance_duration_seconds: histogram(
    'From the moment a worker joins the group again, or loses its partitions, to its assignment.',
    rebalanceBuckets,
  ),
  millrace_commits_total: counter('Commits by result: committed, failed, aborted.', 'result'),
  millrace_commit_duration_seconds: histogram('Time of a whole commit.', commitBuckets),
  millrace_txn_aborted_total: counter(
    'Transactions given up, with all they held, by error code; their work is done again.',
    'reason',
  ),
  millrace_fenced_total: counter(
    'Times that the cluster refused a worker because another one has its place, by error code.',
    'reason',
  ),
  millrace_records_consumed_total: counter('Records taken from source topics.', 'topic', 'lane'),
  millrace_records_produced_total: counter(
    'Records written to topics, changelogs left out.',
    'topic',
    'lane',
  ),
  millrace_e2e_latency_seconds: histogram(
    "From a result's event time to its commit: of the oldest and of the newest result of each commit and topic.",
    endToEndBuckets,
    'topic',
  ),
  millrace_e2e_latency_negative_total: counter(
    'Results whose event time was after their commit, observed as 0: a clock is wrong.',
    'topic',
  ),
  millrace_changelog_records_total: counter('Records written to a changelog.', 'store', 'lane'),
  millrace_records_late_total: counter(
    'Records (per window) that came after the close; outcome is `dropped` or `side` (sent to the late topic), reason `idle-advance` where silence closed the window, else `stream-time`.',
    'operator',
    'outcome',
    'reason',
    'lane',
  ),
  millrace_record_lateness_seconds: histogram(
    'How far stream time was ahead of late records (per window).',
    latenessBuckets,
    'operator',
    'lane',
  ),
  millrace_records_dropped_total: counter(
    'Records left out, by operator and reason; see docs/bad-input.md.',
    'operator',
    'reason',
    'lane',
  ),
  millrace_async_calls_total: counter(
    'Attempts of the calls of mapAsync, by how they ended: `answered`, `failed` or `timed-out`.',
    'operator',
    'outcome',
    'lane',
  ),
  millrace_async_calls_in_flight: gauge('Calls of mapAsync under way.', 'task', 'lane'),
  millrace_punctuations_failed_total: counter(
    'Calls by stream time or wall clock that threw and were passed over.',
    'operator',
    'lane',
  ),
  millrace_partitioners_disagree_total: counter(
    'Sampled keys of a topic that lie in another partition than they would by the partitioner of the topic it is joined with.',
    'topic',
    'lane',
  ),
  millrace_dead_letters_total: counter(
    'Records sent to the dead-letter topic, by error code.',
    'reason',
    'lane',
  ),
  millrace_dead_letter_oldest_timestamp_seconds: smallest(
    'When the oldest dead letter failed of which nothing has become yet (`millrace dlq`). Left out where none waits.',
  ),
  millrace_record_retries_total: counter(
    'Failed records that were tried again (MILLRACE_PROCESSING_RETRIES), by error code.',
    'reason',
    'lane',
  ),
  millrace_record_rollbacks_total: counter(
    'Failed records whose effects were undone by starting again from the last commit, by error code.',
    'reason',
    'lane',
  ),
  millrace_records_in_flight: gauge('Records fetched and not yet processed.'),
  millrace_conservation_mismatches_total: counter(
    "Commits at which an operator's records in and out did not add up. Anything above 0 is a defect.",
    'operator',
  ),
  millrace_task_stream_timestamp_seconds: gauge(
    'Stream time of a task: the largest event time processed; behind a shared repartition the smallest over its writers.',
    'task',
    'lane',
  ),
  millrace_task_oldest_unprocessed_timestamp_seconds: gauge(
    'Event time of the next record of a task, the smallest over its partitions. Left out where none waits in memory.',
    'task',
    'lane',
  ),
  millrace_task_last_record_processed_timestamp_seconds: gauge(
    'When a task last processed a record.',
    'task',
    'lane',
  ),
  millrace_task_backlog_records: gauge(
    "Records between a task's position and the log end.",
    'task',
    'lane',
  ),
  millrace_task_retention_headroom_records: gauge(
    "Records between the start of the log and a task's position, the smallest over its partitions. 0 with a backlog: what was never read is being deleted.",
    'task',
    'lane',
  ),
  millrace_partition_stream_timestamp_seconds: gauge(
    'Largest event time processed of a source partition since its task began; of 64 partitions a thread.',
    'topic',
    'partition',
    'lane',
  ),
  millrace_windows_open: gauge(
    'Windows with rows that have not closed, by store, added up over its tasks; of a join or a versioned table, the stretches of time that it keeps rows in.',
    'view',
    'lane',
  ),
  millrace_windows_finalized_total: counter(
    'Windows that closed and left their store, per task.',
    'view',
    'lane',
  ),
  millrace_window_oldest_open_timestamp_seconds: smallest(
    'Start of the oldest window that is open, over the tasks of a view. Left out where none is.',
    'view',
    'lane',
  ),
  millrace_window_close_lag_seconds: age(
    'How long ago, by the clock, the oldest open window of a view was to close (end and grace). 0 before that; left out where none is open. Grows while time stands still, on an idle source too.',
    'view',
    'lane',
  ),
  millrace_windows_held: gauge(
    'Open windows that the event time of other tasks or partitions has passed, and their own has not; `by` is who holds them: a source partition (reason `idle`: read to its end, `behind`: records wait, `paused`) or, reason `upstream`, the slowest task that writes a repartition.',
    'view',
    'reason',
    'by',
    'lane',
  ),
  millrace_result_watermark_timestamp_seconds: smallest(
    'Event time up to which committed results of a view are out, over its tasks: stream time, less what has to pass before a window closes.',
    'view',
    'lane',
  ),
  millrace_freshness_local_seconds: age(
    'The own part of the delay of a view: how long input of it or of what is upstream in the application may have waited for the commit of its results, and what windows wait by design.',
    'view',
    'lane',
  ),
  millrace_freshness_inherited_seconds: largest(
    'The part of the delay of a view that came with the input: how old its newest records were when all that was there had been processed. Grows while a source is silent or its producers are late.',
    'view',
    'lane',
  ),
  millrace_freshness_target_seconds: largest(
    'The target of a view (`freshness` in the topology). Left out where it has none.',
    'view',
  ),
  millrace_freshness_objective_ratio: largest(
    'In which share of all minutes a view is to be within its target.',
    'view',
  ),
  millrace_restore_remaining_records: gauge('Changelog records still to restore.', 'store'),
  millrace_restore_eta_seconds: gauge(
    'What is left to restore, divided by the rate of this restore so far.',
    'store',
  ),
  millrace_restore_records_total: counter('Changelog records restored.', 'store'),
  millrace_state_rows_cached: gauge('Rows of all stores held in memory by a task.', 'task'),
  millrace_state_bytes: gauge(
    'Bytes of files under the state directory, by task; `other` is the rest beyond 64.',
    'task',
  ),
  millrace_state_budget_bytes: gauge('MILLRACE_STATE_DISK_BUDGET. Left out where none is set.'),
  millrace_state_disk_free_bytes: gauge('Bytes free on the disk of the state directory.'),
  millrace_http_requests_total: counter('Requests to the HTTP server.', 'path', 'status'),
  millrace_metrics_collect_timestamp_seconds: gauge('When these metrics were collected.'),
} as const satisfies { readonly [name: string]: MetricDefinition }

export type MetricName = keyof typeof metricCatalogue
