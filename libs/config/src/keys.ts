/**
 * One setting: a name, what it means, how it is read. `docs/configuration.md` and `.env.example`
 * are generated from these.
 */
export interface Key {
  readonly env: string
  readonly doc: string
  readonly format: 'text' | 'list' | 'duration' | 'size' | 'integer' | 'boolean' | readonly string[]
  /** As it would stand in the env file; null where the setting may be left out. */
  readonly default: string | null
  readonly isRequired?: boolean
  /** Also read from `<env>_FILE`; never printed. */
  readonly isSecret?: boolean
  readonly minimum?: number
  readonly maximum?: number
}

const failurePolicies = ['stop', 'skip', 'dead-letter'] as const

/** Every setting, grouped as it is documented. */
export const keys = {
  applicationId: {
    env: 'MILLRACE_APPLICATION_ID',
    doc: 'Names the consumer group, the internal topics and the state directory. Change it and everything starts anew.',
    format: 'text',
    default: null,
    isRequired: true,
  },
  topology: {
    env: 'MILLRACE_TOPOLOGY',
    doc: 'Path of the TypeScript or JavaScript file whose default export is the topology.',
    format: 'text',
    default: null,
    isRequired: true,
  },
  guarantee: {
    env: 'MILLRACE_GUARANTEE',
    doc: 'What a crash may do: nothing that a read_committed reader sees (exactly_once), or repeat results (at_least_once).',
    format: ['exactly_once', 'at_least_once'],
    default: 'exactly_once',
  },
  commitInterval: {
    env: 'MILLRACE_COMMIT_INTERVAL',
    doc: 'Time between two commits, under either guarantee. Results of aggregations leave once per key and commit; exactly-once all results are seen with it.',
    format: 'duration',
    default: '1s',
  },
  threads: {
    env: 'MILLRACE_THREADS',
    doc: 'Worker threads in this process, each a member of the group.',
    format: 'integer',
    default: '1',
    minimum: 1,
    maximum: 64,
  },
  stateDirectory: {
    env: 'MILLRACE_STATE_DIRECTORY',
    doc: 'Where LevelDB keeps the state. One directory per process: a second process is refused.',
    format: 'text',
    default: '.millrace/state',
  },
  stateDiskBudget: {
    env: 'MILLRACE_STATE_DISK_BUDGET',
    doc: 'What the state may take. Above it the process commits, stops and names MILLRACE_PROCESSOR_DISK; it does not start above it. Left out: no bound but the disk.',
    format: 'size',
    default: null,
  },
  stateDiskReserve: {
    env: 'MILLRACE_STATE_DISK_RESERVE',
    doc: 'What must stay free on the disk of the state, so that the last commit finds room: below it the process stops likewise. 0B switches it off.',
    format: 'size',
    default: '64MiB',
  },
  startOffset: {
    env: 'MILLRACE_START_OFFSET',
    doc: 'Where a source partition without a committed offset is read from.',
    format: ['earliest', 'latest'],
    default: 'earliest',
  },
  deadLetterTopic: {
    env: 'MILLRACE_DEAD_LETTER_TOPIC',
    doc: 'Topic for records that fail; it must exist. Left out: the worker stops at such a record, or skips it where the next three say so.',
    format: 'text',
    default: null,
  },
  onUndecodable: {
    env: 'MILLRACE_ON_UNDECODABLE',
    doc: 'A record that cannot be decoded: stop at it, skip it (counted), or send it to the dead-letter topic. Left out: dead-letter where the topic is named, else stop.',
    format: failurePolicies,
    default: null,
  },
  onProcessingError: {
    env: 'MILLRACE_ON_PROCESSING_ERROR',
    doc: 'The same for a record on which a function of the topology throws, once its retries are used up.',
    format: failurePolicies,
    default: null,
  },
  onProductionError: {
    env: 'MILLRACE_ON_PRODUCTION_ERROR',
    doc: 'The same for a record of which a result cannot be written: too large for its topic, a timestamp too far ahead, a value that its serde cannot write.',
    format: failurePolicies,
    default: null,
  },
  processingRetries: {
    env: 'MILLRACE_PROCESSING_RETRIES',
    doc: 'How often a record on which a function throws is tried again before the policy decides. Its task waits meanwhile, the others go on.',
    format: 'integer',
    default: '0',
    maximum: 1_000,
  },
  processingRetryBackoff: {
    env: 'MILLRACE_PROCESSING_RETRY_BACKOFF',
    doc: 'Pause before the first retry; doubles with each, up to a minute.',
    format: 'duration',
    default: '1s',
  },
  onPlanChange: {
    env: 'MILLRACE_ON_PLAN_CHANGE',
    doc: 'When the topology no longer fits the state on disk: refuse to start, or rebuild the state.',
    format: ['refuse', 'rebuild'],
    default: 'refuse',
  },
  idleOutAfter: {
    env: 'MILLRACE_IDLE_OUT_AFTER',
    doc: 'After this silence, and only when read to its end, a source partition no longer holds back time across a repartition.',
    format: 'duration',
    default: '1m',
  },
  canaryInterval: {
    env: 'MILLRACE_CANARY_INTERVAL',
    doc: 'How often a probe is sent through every canary task, 1s to 30s; the metrics say how long it takes. Left out: no canary, and no topics for it. See docs/canary.md.',
    format: 'duration',
    default: null,
  },
  internalReplication: {
    env: 'MILLRACE_INTERNAL_REPLICATION_FACTOR',
    doc: "Replicas of changelog and repartition topics. Left out: the broker's default.",
    format: 'integer',
    default: null,
    minimum: 1,
    maximum: 32,
  },
  brokers: {
    env: 'MILLRACE_KAFKA_BROKERS',
    doc: 'Bootstrap brokers, host:port, separated by commas.',
    format: 'list',
    default: null,
    isRequired: true,
  },
  groupInstanceId: {
    env: 'MILLRACE_GROUP_INSTANCE_ID',
    doc: 'Static membership: a stable name of this process, so that a restart causes no rebalance.',
    format: 'text',
    default: null,
  },
  sessionTimeout: {
    env: 'MILLRACE_SESSION_TIMEOUT',
    doc: 'How long the group waits for a vanished process before its tasks move.',
    format: 'duration',
    default: '10s',
  },
  tls: {
    env: 'MILLRACE_KAFKA_TLS',
    doc: 'Speak TLS to the brokers. Certificates are always verified.',
    format: 'boolean',
    default: 'false',
  },
  tlsCaFile: {
    env: 'MILLRACE_KAFKA_TLS_CA_FILE',
    doc: 'PEM file of the certificate authority, where it is not a public one.',
    format: 'text',
    default: null,
  },
  tlsCertificateFile: {
    env: 'MILLRACE_KAFKA_TLS_CERTIFICATE_FILE',
    doc: "PEM file of the client's certificate (mTLS).",
    format: 'text',
    default: null,
  },
  tlsKeyFile: {
    env: 'MILLRACE_KAFKA_TLS_KEY_FILE',
    doc: "PEM file of the client's private key (mTLS).",
    format: 'text',
    default: null,
  },
  saslMechanism: {
    env: 'MILLRACE_KAFKA_SASL_MECHANISM',
    doc: 'Left out: no SASL.',
    format: ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'],
    default: null,
  },
  saslUsername: {
    env: 'MILLRACE_KAFKA_SASL_USERNAME',
    doc: 'User of plain and scram.',
    format: 'text',
    default: null,
  },
  saslPassword: {
    env: 'MILLRACE_KAFKA_SASL_PASSWORD',
    doc: 'Password of plain and scram.',
    format: 'text',
    default: null,
    isSecret: true,
  },
  oauthTokenUrl: {
    env: 'MILLRACE_KAFKA_OAUTH_TOKEN_URL',
    doc: 'Token endpoint for oauthbearer (OAuth 2.0 client credentials). https, or http on the loopback; NODE_EXTRA_CA_CERTS names an authority that is not a public one.',
    format: 'text',
    default: null,
  },
  oauthClientId: {
    env: 'MILLRACE_KAFKA_OAUTH_CLIENT_ID',
    doc: 'Client id at the token endpoint.',
    format: 'text',
    default: null,
  },
  oauthClientSecret: {
    env: 'MILLRACE_KAFKA_OAUTH_CLIENT_SECRET',
    doc: 'Client secret at the token endpoint.',
    format: 'text',
    default: null,
    isSecret: true,
  },
  oauthScope: {
    env: 'MILLRACE_KAFKA_OAUTH_SCOPE',
    doc: "Scope of the token, several separated by spaces. Left out: the endpoint's default.",
    format: 'text',
    default: null,
  },
  httpHost: {
    env: 'MILLRACE_HTTP_HOST',
    doc: 'Address that /healthz, /readyz and /metrics listen on. In a container: 0.0.0.0.',
    format: 'text',
    default: '127.0.0.1',
  },
  httpPort: {
    env: 'MILLRACE_HTTP_PORT',
    doc: 'Its port; 0 takes a free one and logs it.',
    format: 'integer',
    default: '9464',
    minimum: 0,
    maximum: 65_535,
  },
  watchdogAfter: {
    env: 'MILLRACE_WATCHDOG_AFTER',
    doc: 'After this time in which a worker thread does not turn, the log names the record that blocks it, with operator and stack; again after twice the time, and so on.',
    format: 'duration',
    default: '10s',
  },
  logLevel: {
    env: 'MILLRACE_LOG_LEVEL',
    doc: 'The least severe lines that are logged. The signal SIGUSR2 switches to debug and back while the process runs.',
    format: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
  },
} as const satisfies { readonly [name: string]: Key }

export type KeyName = keyof typeof keys
