import { type KeyName, keys } from './keys.ts'
import type { Config } from './parse.ts'

/** Settings that do not go together, or that lack another one. No value is repeated. */
export function contradictions(config: Config): string[] {
  return [...failurePolicies(config), ...canary(config), ...certificates(config), ...sasl(config)]
}

function failurePolicies(config: Config): string[] {
  const policies = ['onUndecodable', 'onProcessingError', 'onProductionError'] as const
  return policies
    .filter((name) => config[name] === 'dead-letter' && config.deadLetterTopic === null)
    .map((name) => `${keys[name].env}=dead-letter needs ${keys.deadLetterTopic.env}`)
}

/** The alert waits a minute for a probe. */
function canary({ canaryInterval: intervalMs }: Config): string[] {
  const isPossible = intervalMs === null || (intervalMs >= 1_000 && intervalMs <= 30_000)
  return isPossible ? [] : [`${keys.canaryInterval.env} must be from 1s to 30s`]
}

function certificates(config: Config): string[] {
  const { tls, tlsCertificateFile, tlsKeyFile } = config
  const files = ['tlsCaFile', 'tlsCertificateFile', 'tlsKeyFile'] as const
  return [
    ...files
      .filter((name) => config[name] !== null && !tls)
      .map((name) => `${keys[name].env} needs ${keys.tls.env}=true`),
    ...((tlsCertificateFile === null) === (tlsKeyFile === null)
      ? []
      : [`${keys.tlsCertificateFile.env} and ${keys.tlsKeyFile.env} go together; one is missing`]),
  ]
}

function sasl(config: Config): string[] {
  const { saslMechanism: mechanism } = config
  if (mechanism === null) return []
  const needed: readonly KeyName[] =
    mechanism === 'oauthbearer'
      ? ['oauthTokenUrl', 'oauthClientId', 'oauthClientSecret']
      : ['saslUsername', 'saslPassword']
  return [
    ...needed
      .filter((name) => config[name] === null)
      .map((name) => `${keys.saslMechanism.env}=${mechanism} needs ${keys[name].env}`),
    ...(isSafeUrl(config.oauthTokenUrl)
      ? []
      : [`${keys.oauthTokenUrl.env} must be an https URL, or http on the loopback`]),
  ]
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** The client secret is sent there. */
function isSafeUrl(text: string | null): boolean {
  if (text === null) return true
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname))
}
