import type { Recovery } from './recovery.ts'

interface CatalogueEntry {
  readonly recovery: Recovery
  /** What it means, for `docs/errors.md`. */
  readonly meaning: string
  /** What the reader can do about it; also the end of the message. */
  readonly remedy: string
}

function entry(recovery: Recovery, meaning: string, remedy: string): CatalogueEntry {
  return { recovery, meaning, remedy }
}

/** Every error code, in one place; `docs/errors.md` is generated from it. Sorted by code. */
export const errorCatalogue = {
  MILLRACE_ALERTS_REFUSED: entry(
    'dead-letter',
    'A receiver of alerts said that what it was sent is wrong.',
    'See in its answer what it does not take; labels are the usual cause.',
  ),
  MILLRACE_ALERTS_RULE_INVALID: entry(
    'stop',
    'An alert rule is written in a way that cannot be kept.',
    'Correct the option named in the message.',
  ),
  MILLRACE_CONFIG_INVALID: entry(
    'stop',
    'The environment does not make a valid configuration.',
    'Correct the settings named; docs/configuration.md lists them all.',
  ),
  MILLRACE_DSL_INVALID: entry(
    'stop',
    'The topology is written in a way that cannot be run.',
    'Correct the call named in the message.',
  ),
  MILLRACE_DSL_NAME_REQUIRED: entry(
    'stop',
    'A store or repartition has no name.',
    'Give it one: it names an internal topic and must stay the same from release to release.',
  ),
  MILLRACE_DSL_SERDE_REQUIRED: entry(
    'stop',
    'Keys are not strings, and no serde is named for them.',
    'Pass { key: … } to the operator that makes the key, e.g. { key: number } or { key: json() }.',
  ),
  MILLRACE_ERRORS_ASSERTION: entry(
    'stop',
    'An invariant of Millrace does not hold.',
    'This is a defect of Millrace: please report it with the stack.',
  ),
  MILLRACE_KAFKA_ABORTABLE: entry(
    'retry',
    'The transaction cannot be committed; the producer can go on after an abort.',
    'None needed: the transaction is aborted and its input is read again.',
  ),
  MILLRACE_KAFKA_AUTHENTICATION: entry(
    'stop',
    'The broker refused the credentials.',
    'Check MILLRACE_KAFKA_SASL_USERNAME, its password and the mechanism.',
  ),
  MILLRACE_KAFKA_AUTHORIZATION: entry(
    'stop',
    'The principal lacks a right on a topic, group or transactional id.',
    'Grant the right named in the message.',
  ),
  MILLRACE_KAFKA_CLOSED: entry(
    'stop',
    'The Kafka client was used, or was waiting, when it was closed.',
    'None needed during a stop; otherwise make a new client.',
  ),
  MILLRACE_KAFKA_COMMIT_UNDECIDED: entry(
    'restore-task',
    'The answer to a commit did not come: the transaction may or may not have been committed.',
    'Initialise the producer again, which waits for the outcome, then read the committed offsets with requireStable.',
  ),
  MILLRACE_KAFKA_CORRUPT_BATCH: entry(
    'stop',
    'A record batch does not match its checksum or cannot be parsed.',
    "Check the broker's disk and network; read the partition with another client to compare.",
  ),
  MILLRACE_KAFKA_DELIVERY_TIMEOUT: entry(
    'restore-task',
    'A batch was not acknowledged in time.',
    'Check that the partition has a leader and enough in-sync replicas; the input is read again.',
  ),
  MILLRACE_KAFKA_FATAL: entry(
    'stop',
    'The broker answered with an error that repeating cannot mend.',
    'Look the named Kafka error up in the Kafka documentation.',
  ),
  MILLRACE_KAFKA_FENCED: entry(
    'rejoin',
    'Another member or producer with the same identity took over.',
    'Run only one process per group instance id and transactional id; raise the transaction time-out if a stall outlasted it.',
  ),
  MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE: entry(
    'stop',
    'The next offset to read is no longer (or not yet) in the partition.',
    'Records were deleted by retention before they were read; choose where to go on and reset the group.',
  ),
  MILLRACE_KAFKA_RECORD_REFUSED: entry(
    'dead-letter',
    'The broker refuses the record itself: too large, or a timestamp too far ahead.',
    'Raise max.message.bytes or message.timestamp.after.max.ms of the topic, or correct the record.',
  ),
  MILLRACE_KAFKA_RETRIABLE: entry(
    'retry',
    'A passing condition: connection lost, leader or coordinator moving, request timed out.',
    'None needed unless it persists; then check that the brokers are reachable.',
  ),
  MILLRACE_KAFKA_TOPIC_MISSING: entry(
    'stop',
    'A topic that the topology names does not exist.',
    'Create the topic, or correct its name in the topology.',
  ),
  MILLRACE_KAFKA_UNAVAILABLE: entry(
    'retry',
    'No broker could be reached.',
    'Check MILLRACE_KAFKA_BROKERS and that a broker listens there.',
  ),
  MILLRACE_KAFKA_UNSUPPORTED: entry(
    'stop',
    'The broker or a batch uses a feature this client does not speak.',
    'Use Apache Kafka 2.5 or later and a supported compression codec.',
  ),
  MILLRACE_OPERATORS_EMISSION: entry(
    'stop',
    'Results are to go out in a way that these windows do not allow.',
    "Use emit: 'updates', or windows that close.",
  ),
  MILLRACE_OPERATORS_NOT_A_NUMBER: entry(
    'dead-letter',
    'A selector of sum, min, max or mean returned something other than a finite number.',
    'Return a finite number, or null to leave the record out of this aggregate.',
  ),
  MILLRACE_OPERATORS_NO_RESULT: entry(
    'stop',
    'The function of an aggregation returned undefined.',
    'Return the new aggregate; return null to delete it.',
  ),
  MILLRACE_OPERATORS_PROCESS: entry(
    'stop',
    'A function given to process() used what it was given in a way that cannot be.',
    'Correct the call named in the message.',
  ),
  MILLRACE_OPERATORS_ROUTE: entry(
    'dead-letter',
    'The function given to `to` names a topic that is not among its `topics`.',
    'Add the topic to `topics`, or name another one for such records.',
  ),
  MILLRACE_OPERATORS_SUPPRESS_FULL: entry(
    'stop',
    'A suppression holds as many rows as it may, and is to stop then.',
    "Raise maxRows, or let the first row go early with whenFull: 'emit-early'.",
  ),
  MILLRACE_PROCESSOR_DISK: entry(
    'stop',
    'The state takes more than its budget, or its disk is nearly full; the process stopped while it could.',
    'Raise MILLRACE_STATE_DISK_BUDGET or give the disk more room, then start again; docs/state.md says what state takes.',
  ),
  MILLRACE_RECORD_INVALID: entry(
    'dead-letter',
    'A key or value was decoded but is not what the schema or serde asks for.',
    'Correct the producer, or the schema in the topology.',
  ),
  MILLRACE_RECORD_SCHEMA_ASYNC: entry(
    'stop',
    'A schema validates asynchronously; records are decoded synchronously.',
    'Take asynchronous refinements and transforms out of the schema.',
  ),
  MILLRACE_RECORD_UNDECODABLE: entry(
    'dead-letter',
    'The bytes of a key or value are not in the format of the serde.',
    'Check that producer and topology use the same format.',
  ),
  MILLRACE_RECORD_UNENCODABLE: entry(
    'dead-letter',
    'A serde was given a value that it cannot write.',
    'Name a serde that fits the value: { key: … } or { value: … } on the operator that makes it.',
  ),
  MILLRACE_RECORD_UNRESOLVED: entry(
    'retry',
    'A serde cannot read the bytes yet: what it needs is being fetched.',
    'None needed: the record is read again once it is there.',
  ),
  MILLRACE_RUNTIME_CALL_MISSING: entry(
    'dead-letter',
    'A record reached mapAsync for which no call was made ahead.',
    'See to it that the functions between the source and mapAsync give the same results when they are called twice.',
  ),
  MILLRACE_RUNTIME_CALL_TIMED_OUT: entry(
    'dead-letter',
    'A call of mapAsync did not answer in time.',
    'Raise its timeout, give it retries, or see to who is called.',
  ),
  MILLRACE_RUNTIME_CHANGELOG_TRUNCATED: entry(
    'stop',
    'State on disk and changelog do not fit together: the topic lost records or was made anew.',
    'Stop every instance, delete the state directory named in the message, and start again to rebuild from what the changelog holds.',
  ),
  MILLRACE_RUNTIME_GLOBAL_TABLE: entry(
    'stop',
    'A record of a global table cannot be read.',
    'Correct the serdes of globalTable(), or write the key again; a table with a hole would join wrongly.',
  ),
  MILLRACE_RUNTIME_INTERNAL_TOPIC: entry(
    'stop',
    'An internal topic exists with a partition count or settings that would lose data.',
    'Change the setting as the message says; where the partition count is wrong, reset the application (its state is rebuilt).',
  ),
  MILLRACE_RUNTIME_PARTITIONS_CHANGED: entry(
    'stop',
    'A source topic got another number of partitions while the application runs; its keys would move away from their state.',
    'Restore the partition count, or reset the application so that its state is rebuilt for the new one.',
  ),
  MILLRACE_RUNTIME_PARTITION_INVALID: entry(
    'stop',
    'A partitioner answered with a partition that the topic does not have.',
    'Return a whole number from 0 to partitionCount - 1.',
  ),
  MILLRACE_RUNTIME_PLAN_CHANGED: entry(
    'stop',
    'The topology does not fit the state that an earlier version of it left behind.',
    'Undo the change, or start once with MILLRACE_ON_PLAN_CHANGE=rebuild to build the state anew.',
  ),
  MILLRACE_RUNTIME_PROCESSING_FAILED: entry(
    'dead-letter',
    'A function of the topology threw while it processed a record.',
    'Correct the function, or configure a dead-letter topic (MILLRACE_DEAD_LETTER_TOPIC) to pass over such records.',
  ),
  MILLRACE_RUNTIME_REBUILD_EFFECTS: entry(
    'stop',
    'A rebuild would repeat the effects of an external sink.',
    "Give the changed store a new name, which begins anew without a rebuild; or, where writing again is harmless, declare the sink 'idempotent'.",
  ),
  MILLRACE_RUNTIME_RECORD_AHEAD: entry(
    'dead-letter',
    'The event time of a record is further ahead of the clock than its source allows.',
    'Correct the time at its producer, or raise maxFutureSkew of the source in the topology.',
  ),
  MILLRACE_RUNTIME_RECORD_SET_ASIDE: entry(
    'retry',
    'A record failed after it had begun to change state or to send results.',
    'None needed: the tasks start again from the last commit, and the record is treated by its policy without being processed.',
  ),
  MILLRACE_RUNTIME_SKIPS_INVALID: entry(
    'stop',
    'The topic of skipped records holds a record that no `millrace skip` has written.',
    'Let nothing else write to <application>-skips; write a null value under the key of the record to take it back.',
  ),
  MILLRACE_RUNTIME_TOPIC_MISSING: entry(
    'stop',
    'A topic that the application reads or writes does not exist.',
    'Create the topic named in the message, or correct its name in the topology.',
  ),
  MILLRACE_SCHEMAS_INCOMPATIBLE: entry(
    'stop',
    'A schema does not fit what the schema registry holds, or what the topology reads it as.',
    'Change the schema so that it can be read beside the older ones: new fields need defaults.',
  ),
  MILLRACE_SCHEMAS_INVALID: entry(
    'stop',
    'A serde of the schema registry is set up in a way that cannot work.',
    'Correct the options named in the message.',
  ),
  MILLRACE_SCHEMAS_UNAVAILABLE: entry(
    'retry',
    'The schema registry does not answer.',
    'None needed while it comes back; otherwise check its URL and its log.',
  ),
  MILLRACE_SCHEMAS_UNKNOWN: entry(
    'dead-letter',
    'The schema that a record names could not be had from the schema registry.',
    'Check that the producer used the same registry, and that it is up.',
  ),
  MILLRACE_SIMULATION_STUCK: entry(
    'stop',
    'Virtual time ran out before what a test waits for came about.',
    'Look for a promise that nobody settles, or give the clock a larger limit.',
  ),
  MILLRACE_STORE_CHANGELOG: entry(
    'stop',
    'A changelog topic holds a record that this application cannot have written.',
    'Let nothing else write to the topic; after a change of the plan, see MILLRACE_ON_PLAN_CHANGE.',
  ),
  MILLRACE_STORE_CORRUPT: entry(
    'restore-task',
    'The state on disk is damaged.',
    'It is rebuilt from the changelog; where this repeats, check the disk.',
  ),
  MILLRACE_STORE_FOREIGN: entry(
    'restore-task',
    'A state directory holds the state of another application or task.',
    'It is rebuilt from the changelog; give each application a MILLRACE_STATE_DIRECTORY of its own.',
  ),
  MILLRACE_STORE_IO: entry(
    'stop',
    'The disk refuses to read or write the state.',
    'Check free space and permissions of the directory, then start again.',
  ),
  MILLRACE_STORE_KIND_CHANGED: entry(
    'stop',
    'A store name now stands for another kind of store.',
    'Give the new store a new name, or start once with MILLRACE_ON_PLAN_CHANGE=rebuild.',
  ),
  MILLRACE_STORE_LOCKED: entry(
    'stop',
    'Another process has the state directory open.',
    'Stop the other process, or give this one a MILLRACE_STATE_DIRECTORY of its own.',
  ),
  MILLRACE_STORE_TOO_MANY: entry(
    'stop',
    'One task has more stores than a state can tell apart.',
    'Split the topology with a repartition.',
  ),
  MILLRACE_STORE_UNKNOWN: entry(
    'stop',
    'A store was asked for that the task does not have.',
    'Connect the store to the operator that asks for it.',
  ),
  MILLRACE_STORE_VERSION: entry(
    'restore-task',
    'The state on disk was written in another format.',
    'It is rebuilt from the changelog; where the changelog itself is newer, run the newer version.',
  ),
  MILLRACE_TELEMETRY_LABELS: entry(
    'stop',
    'A series was asked for with labels that its metric does not have.',
    'This is a defect of Millrace: please report it with the stack.',
  ),
  MILLRACE_TELEMETRY_SERIES_LIMIT: entry(
    'stop',
    'More series of metrics than a worker has room for.',
    'Use fewer topics, stores or operators per process, or more processes.',
  ),
  MILLRACE_TESTING_STATE: entry(
    'stop',
    'The application under test is down, or up, where a call needs the opposite.',
    'After a crash, or an error that stopped it, call resume() before going on.',
  ),
  MILLRACE_TESTING_STORE_UNKNOWN: entry(
    'stop',
    'A test asks for a store that the topology does not have.',
    'Use one of the names in the message.',
  ),
  MILLRACE_TESTING_TOPIC_UNKNOWN: entry(
    'stop',
    'A test names a topic that the topology neither reads nor writes.',
    'Use one of the topics in the message; pass both serdes to read any other topic.',
  ),
  MILLRACE_TIME_DURATION_INVALID: entry(
    'stop',
    'A duration is neither milliseconds nor a text like 15m.',
    "Write whole milliseconds, or a number with ms, s, m, h or d: 500, '500ms', '5s', '15m', '1h', '1d'.",
  ),
  MILLRACE_TIME_WINDOW_INVALID: entry(
    'stop',
    'The size, advance or grace of a window is out of its range.',
    'Keep 0 < advance <= size and grace >= 0.',
  ),
  MILLRACE_TOPOLOGY_CO_PARTITION: entry(
    'stop',
    'Topics whose keys meet in one store have different partition counts.',
    'Give them the same partition count, or put one through repartition().',
  ),
  MILLRACE_TOPOLOGY_FILE: entry(
    'stop',
    'The file named by MILLRACE_TOPOLOGY is missing, fails to load, or exports no topology.',
    'Name a TypeScript or JavaScript module whose default export is made by `topology()`.',
  ),
  MILLRACE_TOPOLOGY_INVALID: entry(
    'stop',
    'The plan does not hang together.',
    'Correct the topology as the message says.',
  ),
  MILLRACE_TOPOLOGY_NAME_INVALID: entry(
    'stop',
    'A name cannot be part of a Kafka topic name.',
    "Use letters, digits, '.', '_' and '-', and keep the whole topic name within 249 characters.",
  ),
  MILLRACE_TOPOLOGY_NAME_TAKEN: entry(
    'stop',
    'Two nodes, stores or repartitions have the same name.',
    'Give each its own name.',
  ),
} as const satisfies { readonly [code: string]: CatalogueEntry }

export type ErrorCode = keyof typeof errorCatalogue
