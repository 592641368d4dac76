/**
 * What Millrace uses of kafkajs 2.2.4 beyond its public types: the exact pin keeps it valid, and
 * `private-surface.test.ts` checks that each member is there. Nothing else of kafkajs is touched.
 */
export interface KafkajsCluster {
  readonly connectionPoolBuilder: {
    build(destination: {
      readonly host: string
      readonly port: number
    }): Promise<KafkajsConnectionPool>
  }
  readonly brokerPool: {
    createBroker(options: {
      readonly connectionPool: KafkajsConnectionPool
      readonly logger: unknown
    }): KafkajsBroker
    readonly rootLogger: unknown
  }
}

export interface KafkajsBroker {
  /** Opens connection 0 of its pool, asks for ApiVersions and authenticates. */
  connect(): Promise<void>
  /** By API key; null before `connect`. */
  readonly versions: { readonly [apiKey: number]: KafkajsVersionRange | undefined } | null
}

export interface KafkajsVersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

export interface KafkajsConnectionPool {
  /** Two; they connect when first used. */
  readonly pool: readonly KafkajsConnection[]
}

export interface KafkajsConnection {
  readonly requestQueue: KafkajsRequestQueue
  readonly socket?: { destroy(): void }
  isConnected(): boolean
  send<T>(exchange: KafkajsExchange<T>): Promise<T>
  /** Rejects what is in flight or waits to be sent. */
  rejectRequests(error: Error): void
  /** Waits for what is in flight: reject it first. */
  disconnect(): Promise<unknown>
}

export interface KafkajsExchange<T> {
  readonly request: {
    readonly apiKey: number
    readonly apiName: string
    readonly apiVersion: number
    /** Its result is taken for a kafkajs `Encoder`: `buf` is only tested, `buffer` is copied. */
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
  }
  readonly response: {
    /** `payload` begins after the correlation id. */
    decode(
      payload: Buffer,
    ): Promise<{ readonly answer: T; readonly clientSideThrottleTime: number }>
    parse(decoded: { readonly answer: T }): Promise<T>
  }
  readonly logResponseError: boolean
}

export interface KafkajsRequestQueue {
  readonly pending: readonly unknown[]
  /** Milliseconds since the epoch; -1 when the broker never asked to wait. */
  readonly throttledUntil: number
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}
