import { MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import { retriable } from '../connection-error.ts'
import { expiryOfJwt } from './jwt-expiry.ts'

/** OAuth 2.0 client credentials (RFC 6749, 4.4): who we are to the token endpoint. */
export interface OauthClient {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** Left out: the endpoint's default. */
  readonly scope?: string | undefined
}

export interface TokenSourceOptions {
  readonly client: OauthClient
  readonly clock: Clock
  readonly fetch: typeof fetch
}

interface Token {
  readonly value: string
  /** By the monotonic clock: a wall clock that is set back must not stretch it. */
  readonly renewAtMs: number
  readonly endsAtMs: number
}

const requestTimeoutMs = 10_000
const answerBytesMax = 256 * 1024
/** Where neither the answer nor the token says how long it is valid. */
const lifetimeMsUnknown = 60_000
/** The part of its life after which a token is renewed. */
const renewAfter = 0.8

/**
 * Access tokens for SASL OAUTHBEARER: one request serves all connections that ask at the same time,
 * and a token is kept until four fifths of its life have passed. Where the endpoint cannot be
 * reached then, the old one serves until its end.
 *
 * `token()` rejects with `MILLRACE_KAFKA_AUTHENTICATION` where the endpoint refuses the client, and with
 * `MILLRACE_KAFKA_RETRIABLE` where it does not answer, or answers with 429 or 5xx.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions
  #token: Token | null = null
  #asking: Promise<Token> | null = null

  constructor(options: TokenSourceOptions) {
    this.#options = options
  }

  async token(): Promise<string> {
    const nowMs = this.#options.clock.monotonicMs()
    const kept = this.#token
    if (kept !== null && nowMs < kept.renewAtMs) return kept.value
    try {
      return (await this.#ask()).value
    } catch (error) {
      const isPassing = error instanceof MillraceError && error.recovery === 'retry'
      if (kept !== null && isPassing && nowMs < kept.endsAtMs) return kept.value
      throw error
    }
  }

  #ask(): Promise<Token> {
    this.#asking ??= this.#request().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #request(): Promise<Token> {
    const { client, clock } = this.#options
    const askedAtMs = clock.monotonicMs()
    const response = await this.#post()
    const answer = await readAnswer(response, client.tokenUrl)
    if (!response.ok) throw refused(response.status, answer, client.tokenUrl)
    const value = answer['access_token']
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
      throw unusable(client.tokenUrl, 'no access_token in its answer')
    }
    const lifetimeMs = lifetimeOf(answer, value, clock.nowMs())
    this.#token = {
      value,
      renewAtMs: askedAtMs + lifetimeMs * renewAfter,
      endsAtMs: askedAtMs + lifetimeMs,
    }
    return this.#token
  }

  async #post(): Promise<Response> {
    const { client, fetch } = this.#options
    const { tokenUrl, clientId, clientSecret, scope } = client
    const credentials = [clientId, clientSecret].map(formEncoded).join(':')
    const form = { grant_type: 'client_credentials', ...(scope && { scope }) }
    try {
      return await fetch(tokenUrl, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
        // The secret goes to the endpoint that was named, and nowhere else.
        redirect: 'error',
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
    } catch (cause) {
      throw retriable(`the token endpoint ${tokenUrl} does not answer: ${whyOf(cause)}`)
    }
  }
}

/** The object that came back; empty where it was none, or no JSON. */
async function readAnswer(response: Response, tokenUrl: string): Promise<Record<string, unknown>> {
  let text = ''
  try {
    text = await response.text()
  } catch (cause) {
    throw retriable(`the token endpoint ${tokenUrl} broke off its answer: ${whyOf(cause)}`)
  }
  if (text.length > answerBytesMax) return {}
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}

function lifetimeOf(answer: Record<string, unknown>, token: string, nowMs: number): number {
  const seconds = Number(answer['expires_in'])
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1_000
  const expiresAtMs = expiryOfJwt(token)
  if (expiresAtMs !== null) return Math.max(0, expiresAtMs - nowMs)
  return lifetimeMsUnknown
}

/** The error code of RFC 6749 is repeated; the description is not: it may hold anything. */
function refused(status: number, answer: Record<string, unknown>, tokenUrl: string): MillraceError {
  if (status === 429 || status >= 500)
    return retriable(`the token endpoint ${tokenUrl} answers ${status}`)
  const code = answer['error']
  const isCode = typeof code === 'string' && /^\w{1,64}$/.test(code)
  return unusable(tokenUrl, isCode ? `${status} ${code}` : `status ${status}`)
}

function unusable(tokenUrl: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_AUTHENTICATION', {
    message: `no token from ${tokenUrl}: ${why}`,
    remedy:
      'Check MILLRACE_KAFKA_OAUTH_TOKEN_URL, MILLRACE_KAFKA_OAUTH_CLIENT_ID, its secret and the scope.',
  })
}

/** `fetch failed` says nothing; its cause does. */
function whyOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? cause.cause.message : cause.message
}

/** RFC 6749, 2.3.1: form-encoded before it is put into the header. */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
