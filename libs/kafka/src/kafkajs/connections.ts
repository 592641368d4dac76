import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import type { MetadataAnswer } from '../ports/transport.ts'
import type { KafkaRequest } from '../wire/requests/kafka-request.ts'
import { metadata } from '../wire/requests/records/metadata.ts'
import type { BrokerAddress } from './brokers/broker-address.ts'
import { BrokerDirectory } from './brokers/broker-directory.ts'
import { BrokerFactory, defaultConnectionTimeoutMs } from './brokers/broker-factory.ts'
import { retriable } from './connection-error.ts'
import type { KafkaConnectionOptions, KafkaLog } from './connection-options.ts'
import { LinkPool } from './link-pool.ts'

/** What a connection is for; requests of one purpose never wait behind those of another. */
export type Purpose = 'admin' | 'fetch' | 'group' | 'join' | 'produce'

/** How many connections a purpose may have to one broker. One keeps the order of requests. */
const linksMax: { readonly [purpose in Purpose]: number } = {
  admin: 1,
  fetch: 8,
  group: 1,
  join: 32,
  produce: 1,
}

/** For ApiVersions and SASL, after the TCP and TLS handshake. */
const authenticationTimeoutMs = 10_000

/** All connections of a transport, by purpose and broker. */
export class Connections {
  readonly #directory: BrokerDirectory
  readonly #pools: { readonly [purpose in Purpose]: LinkPool }
  #isClosed = false

  constructor(options: KafkaConnectionOptions, log: KafkaLog, clock: Clock) {
    this.#directory = new BrokerDirectory(options.brokers)
    const connectTimeoutMs =
      (options.connectionTimeoutMs ?? defaultConnectionTimeoutMs) + authenticationTimeoutMs
    const linkOptions = { factory: new BrokerFactory(options, log, clock), clock, connectTimeoutMs }
    const pool = (purpose: Purpose) => new LinkPool(linksMax[purpose], linkOptions)
    this.#pools = {
      admin: pool('admin'),
      fetch: pool('fetch'),
      group: pool('group'),
      join: pool('join'),
      produce: pool('produce'),
    }
  }

  /** To the broker with this id; where it is unknown, metadata is asked once. */
  async send<Request, Answer>(
    purpose: Purpose,
    nodeId: number,
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    this.#failIfClosed()
    const known = this.#directory.address(nodeId)
    const address = known ?? (await this.#find(nodeId, timeoutMs))
    return this.#pools[purpose].send(address, request, body, timeoutMs)
  }

  /** To whichever broker answers first, asked one after the other. */
  async any<Request, Answer>(
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    this.#failIfClosed()
    let failure: MillraceError | undefined
    for (const address of this.#directory.candidates()) {
      try {
        const answer = await this.#pools.admin.send(address, request, body, timeoutMs)
        this.#directory.answered(address)
        return answer
      } catch (error) {
        if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_RETRIABLE' || this.#isClosed)
          throw error
        failure = error
      }
    }
    throw failure ?? retriable('no broker is known')
  }

  async metadata(topics: readonly string[] | null, timeoutMs: number): Promise<MetadataAnswer> {
    const answer = await this.any(metadata, topics, timeoutMs)
    this.#directory.replace(answer.brokers)
    this.#retain('the broker is no longer part of the cluster at this address')
    return answer
  }

  /** As `any`, and learns where the coordinator is. */
  async coordinator<Request, Answer extends BrokerAddress & { errorCode: number; nodeId: number }>(
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<{ errorCode: number; nodeId: number }> {
    const { errorCode, nodeId, host, port } = await this.any(request, body, timeoutMs)
    if (errorCode === 0) this.#directory.learn(nodeId, { host, port })
    return { errorCode, nodeId }
  }

  close(): void {
    this.#isClosed = true
    for (const pool of Object.values(this.#pools))
      pool.retain(new Set(), retriable('the transport was closed'))
  }

  async #find(nodeId: number, timeoutMs: number): Promise<BrokerAddress> {
    await this.metadata([], timeoutMs)
    const address = this.#directory.address(nodeId)
    if (address === undefined) throw retriable(`broker ${nodeId} is not part of the cluster now`)
    return address
  }

  #retain(reason: string): void {
    const addresses = this.#directory.addresses()
    for (const pool of Object.values(this.#pools)) pool.retain(addresses, retriable(reason))
  }

  #failIfClosed(): void {
    if (this.#isClosed)
      throw new MillraceError('MILLRACE_KAFKA_FATAL', { message: 'the transport is closed' })
  }
}
