// An OAuth token endpoint for tests: client credentials in, signed tokens out, and the keys that a broker
// checks them with.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface IdentityProvider extends AsyncDisposable {
  readonly tokenUrl: string
  readonly jwksUrl: string
  readonly client: { readonly id: string; readonly secret: string }
  /** How long tokens live that are given out from now on. */
  tokenLifetimeSeconds: number
  /** Tokens given out so far. */
  readonly tokenCount: number
  /** Every token that was given out, to look for it in logs. */
  readonly tokens: readonly string[]
}

export const audience = 'kafka'

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const client = { id: 'miller', secret: 'oats:and/barley+rye %' }
  const tokens: string[] = []
  const server = createServer((request, response) => {
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (request.url === '/jwks') {
      const key = publicKey.export({ format: 'jwk' })
      return send(200, { keys: [{ ...key, kid: 'mill', use: 'sig', alg: 'RS256' }] })
    }
    if (!isClient(request, client)) {
      const description = `bad secret: ${request.headers.authorization}`
      return send(401, { error: 'invalid_client', error_description: description })
    }
    const token = makeToken(privateKey, client.id, provider.tokenLifetimeSeconds)
    tokens.push(token)
    send(200, {
      access_token: token,
      token_type: 'Bearer',
      expires_in: provider.tokenLifetimeSeconds,
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: IdentityProvider = {
    tokenUrl: `${url}/token`,
    jwksUrl: `${url}/jwks`,
    client,
    tokenLifetimeSeconds: 300,
    tokens,
    get tokenCount() {
      return tokens.length
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return provider
}

function isClient(request: IncomingMessage, client: IdentityProvider['client']): boolean {
  const [, encoded = ''] = request.headers.authorization?.split(' ') ?? []
  const parts = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  const [id, secret] = parts.map((part) => new URLSearchParams(`x=${part}`).get('x'))
  return parts.length === 2 && id === client.id && secret === client.secret
}

function makeToken(key: KeyObject, subject: string, lifetimeSeconds: number): string {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const claims = {
    ...{ iss: 'mill', aud: audience, sub: subject, scope: 'kafka' },
    ...{ iat: nowSeconds, exp: nowSeconds + lifetimeSeconds },
  }
  const signed = [{ alg: 'RS256', kid: 'mill', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
