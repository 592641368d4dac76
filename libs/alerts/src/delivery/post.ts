import { MillraceError } from '@millrace/errors'

/** `fetch` of the platform, or one that stands in for it. */
export type Fetch = (url: string, request: PostRequest) => Promise<Response>

interface PostRequest {
  readonly method: 'POST'
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly signal: AbortSignal
}

interface Post {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
  readonly signal: AbortSignal
}

/** What a receiver answers to something that it will never take. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422])

/**
 * Posts JSON. Throws `MILLRACE_ALERTS_REFUSED` where the receiver says that what it was sent is wrong:
 * that is not tried again; anything else that is no success is, whatever it is.
 */
export async function post(fetch: Fetch, { url, headers, body, signal }: Post): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  })
  const text = await response.text()
  if (response.ok) return
  const message = `${withoutSecrets(url)} answered ${response.status} to an alert: ${text.slice(0, 200)}`
  if (refusals.has(response.status)) throw new MillraceError('MILLRACE_ALERTS_REFUSED', { message })
  throw new Error(message)
}

/** Checked when the topology is built. Throws `MILLRACE_ALERTS_RULE_INVALID`. */
export function checkedUrl(name: string, url: string): string {
  const isHttp = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  if (isHttp) return url
  throw new MillraceError('MILLRACE_ALERTS_RULE_INVALID', {
    message: `alerts cannot go to '${name}': '${url}' is no http URL`,
  })
}

/** Host and path: a webhook's token may stand in its query, a password before its host. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
