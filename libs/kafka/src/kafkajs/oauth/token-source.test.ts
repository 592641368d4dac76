import { expect, test } from 'vitest'
import { ManualClock } from '../../client/group/testing/manual-clock.ts'
import { TokenSource } from './token-source.ts'

const client = {
  tokenUrl: 'https://id.example/token',
  clientId: 'mill',
  clientSecret: 'a:b c',
  scope: 'kafka',
}

interface Asked {
  readonly url: Parameters<typeof fetch>[0]
  readonly init: RequestInit
}

/** An endpoint that gives these answers in turn, the last one for ever; `'down'` is none. */
function endpoint(...answers: readonly (Response | 'down')[]) {
  const asked: Asked[] = []
  const clock = new ManualClock()
  const answer: typeof fetch = async (url, init = {}) => {
    const next = answers[Math.min(asked.length, answers.length - 1)] as Response | 'down'
    asked.push({ url, init })
    if (next === 'down') throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })
    return next.clone()
  }
  return { asked, clock, source: new TokenSource({ client, clock, fetch: answer }) }
}

function granted(token: string, expiresIn?: number): Response {
  return Response.json({ access_token: token, expires_in: expiresIn })
}

test('the client is named as RFC 6749 says, and its secret goes nowhere else', async () => {
  const { source, asked } = endpoint(granted('t1', 300))
  expect(await source.token()).toBe('t1')
  const [{ url, init } = { url: '', init: {} }] = asked
  expect(url).toBe(client.tokenUrl)
  expect(init.body).toBe('grant_type=client_credentials&scope=kafka')
  expect(init.redirect).toBe('error')
  const basic = Buffer.from('mill:a%3Ab+c').toString('base64')
  expect(init.headers).toMatchObject({ authorization: `Basic ${basic}` })
})

test('connections that ask at the same time share one request, and later ones its token', async () => {
  const { source, asked } = endpoint(granted('t1', 300))
  expect(await Promise.all([source.token(), source.token()])).toEqual(['t1', 't1'])
  await source.token()
  expect(asked).toHaveLength(1)
})

test('a token is renewed before it ends', async () => {
  // 0 s ────────── 240 s ──── 300 s
  // t1             renewed    would have ended
  const { source, clock } = endpoint(granted('t1', 300), granted('t2', 300))
  await source.token()
  await clock.advance(239_000)
  expect(await source.token()).toBe('t1')
  await clock.advance(1_000)
  expect(await source.token()).toBe('t2')
})

test('without expires_in, the end that a JWT names counts', async () => {
  const exp = (1_700_000_000_000 + 100_000) / 1_000
  const jwt = ['{}', JSON.stringify({ exp }), 'x'].map((part) =>
    Buffer.from(part).toString('base64url'),
  )
  const { source, clock } = endpoint(granted(jwt.join('.')), granted('t2', 300))
  await source.token()
  await clock.advance(79_000)
  expect(await source.token()).toBe(jwt.join('.'))
  await clock.advance(1_000)
  expect(await source.token()).toBe('t2')
})

test('an endpoint that is down at the renewal leaves the old token until its end', async () => {
  const { source, clock } = endpoint(granted('t1', 300), 'down')
  await source.token()
  await clock.advance(290_000)
  expect(await source.token()).toBe('t1')
  await clock.advance(10_000)
  await expect(source.token()).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_RETRIABLE',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test.each([
  ['a wrong secret', Response.json({ error: 'invalid_client' }, { status: 401 }), 'invalid_client'],
  ['an answer without a token', Response.json({}), 'no access_token'],
  ['a token that would forge a line', granted('a\r\nb', 300), 'no access_token'],
  ['no JSON', new Response('<html>'), 'no access_token'],
])('%s is a refusal, not repeated', async (_, answer, says) => {
  const { source, asked } = endpoint(answer)
  await expect(source.token()).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_AUTHENTICATION',
    message: expect.stringContaining(says),
  })
  expect(asked).toHaveLength(1)
})

test('what an endpoint says about a failure is not repeated: it may hold the secret', async () => {
  const body = { error: 'bad a:b c', error_description: 'secret a:b c is wrong' }
  const { source } = endpoint(Response.json(body, { status: 400 }))
  await expect(source.token()).rejects.toThrow(/status 400\./)
})

test.each([429, 500, 503])('an answer of %s passes', async (status) => {
  const { source } = endpoint(new Response('', { status }))
  await expect(source.token()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })
})
