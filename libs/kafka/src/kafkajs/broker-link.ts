import { MillraceError } from '@millrace/errors'
import type { CancelTimer, Clock } from '@millrace/time'
import { Decoder } from '../wire/primitives/decoder.ts'
import { Encoder } from '../wire/primitives/encoder.ts'
import type { KafkaRequest } from '../wire/requests/kafka-request.ts'
import { type BrokerAddress, formatAddress } from './brokers/broker-address.ts'
import type { BrokerFactory, NewBroker } from './brokers/broker-factory.ts'
import { connectionError, retriable } from './connection-error.ts'
import type { KafkajsExchange } from './private-surface.ts'
import { replaceRequestTimers } from './request-timers.ts'
import { within } from './within.ts'

export interface BrokerLinkOptions {
  readonly factory: BrokerFactory
  readonly clock: Clock
  /** For connecting, ApiVersions and authentication together. */
  readonly connectTimeoutMs: number
}

interface OpenBroker extends NewBroker {
  readonly cancelTimers: CancelTimer
}

/**
 * One connection to one broker, made when first used and again after it was lost. Requests are
 * sent in the order of the calls and answered in that order; the broker handles one at a time.
 *
 * A connection that failed, or left a request unanswered, is never used again: kafkajs keeps half
 * an answer in its buffer across a reconnect, and a late answer could meet the wrong request.
 */
export class BrokerLink {
  readonly #options: BrokerLinkOptions
  readonly #address: BrokerAddress
  #opening: Promise<OpenBroker> | null = null
  #open: OpenBroker | null = null
  #loadCount = 0
  /** Counts openings and closings, so that an opening can tell that it was overtaken. */
  #attempt = 0

  constructor(address: BrokerAddress, options: BrokerLinkOptions) {
    this.#address = address
    this.#options = options
  }

  /** Requests under way. */
  get loadCount(): number {
    return this.#loadCount
  }

  /**
   * Rejects with `MILLRACE_KAFKA_RETRIABLE` where the connection fails or no answer comes in
   * `timeoutMs`, with `_AUTHENTICATION`, or with `_UNSUPPORTED` for a version the broker lacks.
   */
  async send<Request, Answer>(
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    this.#loadCount++
    const doing = `${request.apiName} to ${formatAddress(this.#address)}`
    try {
      const open = await this.#opened()
      requireVersion(open, request, doing)
      return await this.#exchange(open, request, body, timeoutMs)
    } catch (cause) {
      throw connectionError(cause, doing)
    } finally {
      this.#loadCount--
    }
  }

  /** Ends the connection; requests under way reject with the reason. The next `send` connects again. */
  close(reason: Error): void {
    this.#attempt++
    this.#opening = null
    const open = this.#open
    this.#open = null
    if (open !== null) disconnect(open, reason)
  }

  async #exchange<Request, Answer>(
    open: OpenBroker,
    request: KafkaRequest<Request, Answer>,
    body: Request,
    timeoutMs: number,
  ): Promise<Answer> {
    try {
      const answered = open.connection.send(kafkajsExchange(request, body))
      return await within(this.#options.clock, timeoutMs, answered, () =>
        retriable(`no answer in ${timeoutMs} ms`),
      )
    } catch (error) {
      // Of several requests that fail together the first closes; the link may be open anew by now.
      if (this.#open === open)
        this.close(retriable('another request on the connection failed', error))
      throw error
    }
  }

  #opened(): Promise<OpenBroker> {
    if (this.#open !== null && !this.#open.connection.isConnected())
      this.close(retriable('the broker closed the connection'))
    this.#opening ??= this.#connect()
    return this.#opening
  }

  async #connect(): Promise<OpenBroker> {
    const attempt = ++this.#attempt
    const { factory, clock, connectTimeoutMs } = this.#options
    const made = await factory.make(this.#address)
    const open = {
      ...made,
      cancelTimers: replaceRequestTimers(made.connection.requestQueue, clock),
    }
    try {
      await within(clock, connectTimeoutMs, made.broker.connect(), () =>
        retriable(`not connected in ${connectTimeoutMs} ms`),
      )
      if (this.#attempt !== attempt)
        throw retriable('the connection was closed while it was opened')
    } catch (error) {
      if (this.#attempt === attempt) this.#opening = null
      disconnect(open, retriable('connecting failed', error))
      throw error
    }
    this.#open = open
    return open
  }
}

/** Without waiting for the broker, which may hold a request for a minute. */
function disconnect(open: OpenBroker, reason: Error): void {
  open.cancelTimers()
  open.connection.rejectRequests(reason)
  open.connection.disconnect().then(
    () => open.connection.socket?.destroy(),
    () => open.connection.socket?.destroy(),
  )
}

function requireVersion(
  open: OpenBroker,
  request: KafkaRequest<never, unknown>,
  doing: string,
): void {
  const range = open.broker.versions?.[request.apiKey]
  if (
    range !== undefined &&
    range.minVersion <= request.apiVersion &&
    request.apiVersion <= range.maxVersion
  )
    return
  const speaks =
    range === undefined ? 'does not know it' : `speaks ${range.minVersion} to ${range.maxVersion}`
  throw new MillraceError('MILLRACE_KAFKA_UNSUPPORTED', {
    message: `${doing}: version ${request.apiVersion}, the broker ${speaks}`,
  })
}

function kafkajsExchange<Request, Answer>(
  request: KafkaRequest<Request, Answer>,
  body: Request,
): KafkajsExchange<Answer> {
  return {
    request: {
      apiKey: request.apiKey,
      apiName: request.apiName,
      apiVersion: request.apiVersion,
      async encode() {
        const encoder = new Encoder()
        // kafkajs writes the header of inflexible versions; a flexible one ends in tagged fields.
        if (request.isFlexible) encoder.noTags()
        request.encode(encoder, body)
        const buffer = encoder.bytes()
        return { buf: buffer, buffer }
      },
    },
    response: {
      async decode(payload) {
        const decoder = new Decoder(payload)
        if (request.isFlexible) decoder.tags()
        const answer = request.decode(decoder)
        return { answer, clientSideThrottleTime: decoder.throttleTimeMs }
      },
      async parse(decoded) {
        return decoded.answer
      },
    },
    logResponseError: false,
  }
}
