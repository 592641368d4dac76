import { isMillraceError, MillraceError } from '@millrace/errors'
import { errorFor } from '../wire/classify.ts'

/** What Node reports when the broker's certificate is not trusted or is for another name. */
const certificateErrors: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** What OpenSSL reports when the broker refuses the client's certificate, or the lack of one. */
const certificateAlert =
  /^ERR_SSL_.*_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/

/** What kafkajs or a socket threw, as an error of ours. `doing` reads "Fetch to 10.0.0.1:9092". */
export function connectionError(cause: unknown, doing: string): MillraceError {
  if (isMillraceError(cause)) {
    return cause.code === 'MILLRACE_KAFKA_RETRIABLE'
      ? retriable(`${doing}: ${reason(cause)}`, cause)
      : cause
  }
  const { name, message, code } = parts(cause)
  if (name === 'KafkaJSSASLAuthenticationError') {
    return new MillraceError('MILLRACE_KAFKA_AUTHENTICATION', {
      message: `${doing}: ${message}`,
      cause,
    })
  }
  if (typeof code === 'string' && (certificateErrors.has(code) || certificateAlert.test(code))) {
    return new MillraceError('MILLRACE_KAFKA_AUTHENTICATION', {
      message: `${doing}: ${message} (${code})`,
      cause,
      remedy:
        "Check the certificate authority that the client trusts, its own certificate, and the broker's name.",
    })
  }
  if (name === 'KafkaJSProtocolError' && typeof code === 'number') return errorFor(code, doing)
  if (name.startsWith('KafkaJS')) return retriable(`${doing}: ${message}`, cause)
  return new MillraceError('MILLRACE_KAFKA_FATAL', { message: `${doing}: ${message}`, cause })
}

/** The connection failed or no answer came: the broker may or may not have acted. */
export function retriable(message: string, cause?: unknown): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message, cause })
}

/** The message without the code in front and the remedy behind. */
function reason(error: MillraceError): string {
  return error.message.slice(error.code.length + 2, -(error.remedy.length + 2))
}

function parts(cause: unknown): { name: string; message: string; code: unknown } {
  if (!(cause instanceof Error)) return { name: '', message: String(cause), code: undefined }
  return {
    name: cause.name,
    message: cause.message,
    code: 'code' in cause ? cause.code : undefined,
  }
}
