import { assert } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import { Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs'
import type { KafkaConnectionOptions, KafkaLog } from '../connection-options.ts'
import { bearerAuthentication } from '../oauth/bearer-authentication.ts'
import { TokenSource } from '../oauth/token-source.ts'
import type { KafkajsBroker, KafkajsCluster, KafkajsConnection } from '../private-surface.ts'
import type { BrokerAddress } from './broker-address.ts'

/** A broker that is not connected yet, and the one connection of it that is used. */
export interface NewBroker {
  readonly broker: KafkajsBroker
  readonly connection: KafkajsConnection
}

export const defaultConnectionTimeoutMs = 10_000

/**
 * Makes kafkajs brokers: sockets, TLS, SASL, the request queue and ApiVersions are theirs. Pool,
 * metadata and retries of kafkajs are left aside, so that no request is ever repeated unseen.
 */
export class BrokerFactory {
  readonly #cluster: KafkajsCluster

  constructor(options: KafkaConnectionOptions, log: KafkaLog, clock: Clock) {
    this.#cluster = captureCluster(new Kafka(kafkajsConfig(options, log, clock)))
  }

  async make(address: BrokerAddress): Promise<NewBroker> {
    const connectionPool = await this.#cluster.connectionPoolBuilder.build(address)
    const { brokerPool } = this.#cluster
    const broker = brokerPool.createBroker({ connectionPool, logger: brokerPool.rootLogger })
    const connection = connectionPool.pool[0]
    assert(connection !== undefined, 'a kafkajs connection pool has a connection')
    return { broker, connection }
  }
}

/** Assigners are documented to get the cluster; the consumer they are given to never runs. */
function captureCluster(kafka: Kafka): KafkajsCluster {
  let captured: unknown
  kafka.consumer({
    groupId: 'never-joined',
    partitionAssigners: [
      ({ cluster }) => {
        captured = cluster
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  assert(captured !== undefined, 'kafkajs called the partition assigner')
  return captured as KafkajsCluster
}

function kafkajsConfig(options: KafkaConnectionOptions, log: KafkaLog, clock: Clock): KafkaConfig {
  return {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: options.connectionTimeoutMs ?? defaultConnectionTimeoutMs,
    // Time-outs are kept by `BrokerLink`, by the clock it was given and without a timer per connection.
    enforceRequestTimeout: false,
    logLevel: logLevel.WARN,
    reauthenticationThreshold: 1_000,
    logCreator: () => (entry) => forward(entry, log),
    ...(options.tls && { ssl: { rejectUnauthorized: true, ...definedOnly(options.tls) } }),
    ...(options.sasl && { sasl: saslConfig(options.sasl, clock) }),
  }
}

function saslConfig(
  sasl: NonNullable<KafkaConnectionOptions['sasl']>,
  clock: Clock,
): NonNullable<KafkaConfig['sasl']> {
  switch (sasl.mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username: sasl.username, password: sasl.password }
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username: sasl.username, password: sasl.password }
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', username: sasl.username, password: sasl.password }
    case 'OAUTHBEARER': {
      const source = new TokenSource({ client: sasl, clock, fetch })
      return bearerAuthentication(() => source.token())
    }
  }
}

/** Errors arrive as rejections too, where somebody judges them: in the log they are warnings. */
function forward({ level, log: entry }: LogEntry, log: KafkaLog): void {
  const { message, timestamp: _timestamp, logger: _logger, ...details } = entry
  const ours = level <= logLevel.WARN ? 'warn' : level === logLevel.INFO ? 'info' : 'debug'
  log(ours, message, details)
}

function definedOnly<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T
}
