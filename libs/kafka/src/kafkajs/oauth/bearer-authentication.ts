import { MillraceError } from '@millrace/errors'
import type { Mechanism } from 'kafkajs'

/**
 * SASL OAUTHBEARER (RFC 7628) for kafkajs. Its own takes a refusal for a success: the broker refuses
 * a token by a challenge in an answer without an error code, which kafkajs does not read.
 */
export function bearerAuthentication(token: () => Promise<string>): Mechanism {
  return {
    mechanism: 'oauthbearer',
    authenticationProvider: ({ host, port, saslAuthenticate }) => ({
      async authenticate() {
        const value = await token()
        const challenge = await saslAuthenticate(initialResponse(value))
        if (challenge) throw refused(challenge, `${host}:${port}`)
      },
    }),
  }
}

/** kafkajs sends and hands over the bytes as they are: both begin with their length. Parsed: the challenge. */
function initialResponse(token: string) {
  const message = Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`, 'utf8')
  return {
    request: {
      encode() {
        const length = Buffer.alloc(4)
        length.writeInt32BE(message.length)
        return Buffer.concat([length, message])
      },
    },
    response: {
      decode: (answer: Buffer) => answer.subarray(4),
      parse: (challenge: Buffer) => challenge.toString('utf8'),
    },
  }
}

/** `{"status":"invalid_token"}`; of what came, only such a word is repeated. */
function refused(challenge: string, broker: string): MillraceError {
  const status = /"status"\s*:\s*"(\w{1,64})"/.exec(challenge)?.[1] ?? 'refused'
  return new MillraceError('MILLRACE_KAFKA_AUTHENTICATION', {
    message: `the broker ${broker} does not take the token: ${status}`,
    remedy:
      "Compare the token's issuer, audience and scope, and the keys at the broker's JWKS endpoint.",
  })
}
