import type { Clock } from '@millrace/time'
import type { Transport } from '../ports/transport.ts'
import type { Closing } from './closing.ts'
import { CoordinatorCache } from './coordinator-cache.ts'
import { MetadataCache } from './metadata/metadata-cache.ts'
import { type RetryOptions, retry } from './retry.ts'

/** Where the client says what it went through. Same shape as pino's; left out, nothing is said. */
export interface ClusterLogger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

const silentLogger: ClusterLogger = { debug() {}, warn() {} }

/** How long one operation of the port is retried before its last error is thrown. */
const operationTimeoutMs = 60_000

/** What the parts of one cluster client share. */
export interface Connection {
  readonly transport: Transport
  readonly clock: Clock
  readonly logger: ClusterLogger
  readonly closing: Closing
  readonly metadata: MetadataCache
  readonly coordinators: CoordinatorCache
}

export function createConnection(options: {
  readonly transport: Transport
  readonly clock: Clock
  readonly closing: Closing
  readonly logger?: ClusterLogger | undefined
}): Connection {
  const { transport, clock, closing, logger = silentLogger } = options
  return {
    transport,
    clock,
    logger,
    closing,
    metadata: new MetadataCache({ transport, clock, closing }),
    coordinators: new CoordinatorCache(transport),
  }
}

/** Repeats an attempt as long as an operation of the port may take. */
export function retryOperation<T>(
  connection: Connection,
  attempt: () => Promise<T>,
  overrides: Partial<RetryOptions> = {},
): Promise<T> {
  const { clock, closing } = connection
  return retry({ clock, closing, timeoutMs: operationTimeoutMs, ...overrides }, attempt)
}
