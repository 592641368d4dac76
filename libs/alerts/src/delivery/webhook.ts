import type { KStream } from '@millrace/dsl'
import type { Duration } from '@millrace/time'
import type { AlertEvent } from '../alert-event.ts'
import { checkedUrl, type Fetch, post } from './post.ts'

export interface WebhookOptions {
  /** Names the outbox `<app>-<name>-outbox-repartition` and the node. */
  readonly name: string
  readonly url: string
  /** Beside `content-type` and `idempotency-key`: a token, say. */
  readonly headers?: { readonly [name: string]: string }
  /** For one attempt. Default 10 s. */
  readonly timeout?: Duration
  /** Before the second attempt; doubled each time, up to 30 s. Default 100 ms. */
  readonly backoff?: Duration
  /** Default: the platform's. */
  readonly fetch?: Fetch
}

/**
 * Posts each event as JSON to a URL, those of one dedupe key in their order, through an outbox: once at
 * least, with the event's id as header `idempotency-key`. Who does not answer is tried again without
 * end; what is refused as wrong (400, 413, 422) goes the way of records that fail.
 */
export function toWebhook(
  events: KStream<string | null, AlertEvent, 'changed'>,
  {
    name,
    url,
    headers = {},
    timeout = '10s',
    backoff = '100ms',
    fetch = globalThis.fetch,
  }: WebhookOptions,
): void {
  checkedUrl(name, url)
  events.sink({
    name,
    kind: 'external',
    timeout,
    backoff,
    write: (event, _key, { signal }) =>
      post(fetch, {
        url,
        headers: { ...headers, 'idempotency-key': headerOf(event.id) },
        body: event,
        signal,
      }),
  })
}

/** A header holds no characters beyond Latin-1, and a key may have any. */
function headerOf(id: string): string {
  return encodeURI(id.toWellFormed())
}
