import { MillraceError } from '@millrace/errors'
import { mapAsync } from '@millrace/operators'
import { type Duration, parseDuration } from '@millrace/time'
import type { AsyncCalls, CallContext } from '@millrace/topology'
import type { StreamPart } from '../draft/stream-part.ts'
import type { ValueOptions } from '../options.ts'

/** The value first, as with every function; then the key, and what else a call may know. */
export type AsyncMapper<K, V, R> = (
  value: V,
  key: K,
  context: CallContext<K, V>,
) => PromiseLike<R> | R

/** How calls are made. */
export interface CallOptions {
  /** Calls of one task under way at once; a task reads one partition. Default 16. */
  readonly concurrency?: number
  /** For one attempt. Default 30 s. */
  readonly timeout?: Duration
  /** Attempts after the first that failed. Default 0. */
  readonly retries?: number
  /** Before the second attempt; doubled each time, up to 30 s. Default 100 ms. */
  readonly backoff?: Duration
}

export type MapAsyncOptions<R> = ValueOptions<R> & CallOptions

/** Adds the node; returns its name. */
export function addMapAsync<K, V, R>(
  { draft, from }: StreamPart<K, V>,
  mapper: AsyncMapper<K, V, R>,
  options: MapAsyncOptions<R> = {},
): string {
  const calls = callsOf('mapAsync', options, async (context) => {
    const { record } = context as CallContext<K, V>
    return await mapper(record.value, record.key, context as CallContext<K, V>)
  })
  const { concurrency, timeoutMs, retriesMax } = calls
  return draft.addProcessor(
    {
      operator: 'mapAsync',
      name: options.name,
      supplier: () => mapAsync<K, V, R>(),
      functions: [mapper],
      detail: `${concurrency} calls at once, ${timeoutMs} ms each, ${retriesMax} retries`,
      calls,
    },
    from,
  )
}

/** Throws `MILLRACE_TOPOLOGY_INVALID` for options that make no sense. */
export function callsOf(
  operator: string,
  options: CallOptions,
  call: AsyncCalls['call'],
): AsyncCalls {
  const { concurrency = 16, timeout = '30s', retries = 0, backoff = '100ms' } = options
  const timeoutMs = parseDuration(timeout, `timeout of ${operator}`)
  const backoffMs = parseDuration(backoff, `backoff of ${operator}`)
  const impossible = (what: string, remedy: string): MillraceError =>
    new MillraceError('MILLRACE_TOPOLOGY_INVALID', {
      message: `${operator} cannot be built: ${what}`,
      remedy,
    })
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    throw impossible(`its concurrency is ${concurrency}`, 'Give it a whole number from 1 on.')
  }
  const isCount = Number.isSafeInteger(retries) || retries === Number.POSITIVE_INFINITY
  if (!isCount || retries < 0) {
    throw impossible(`its retries are ${retries}`, 'Give it a whole number from 0 on.')
  }
  if (timeoutMs === 0) throw impossible('its timeout is 0 ms', 'Give it a timeout above 0.')
  return { call, concurrency, timeoutMs, retriesMax: retries, backoffMs }
}
