import type { OauthClient } from './oauth/token-source.ts'

/** How to reach and trust a Kafka cluster. */
export interface KafkaConnectionOptions {
  /** `host:port`, or `[ipv6]:port`; one that answers is enough, the others are learnt from it. */
  readonly brokers: readonly string[]
  /** Names this process in the brokers' logs and quotas. */
  readonly clientId: string
  /** Left out: plaintext. An empty object: TLS with the system's certificate authorities. */
  readonly tls?: TlsOptions | undefined
  readonly sasl?: SaslOptions | undefined
  /** For the TCP and TLS handshake. Default 10,000. */
  readonly connectionTimeoutMs?: number | undefined
  /** For an answer, unless the request itself may be held by the broker. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined
}

/** All in PEM. The broker's certificate and its name are verified unless told otherwise. */
export interface TlsOptions {
  readonly ca?: string | Buffer | undefined
  /** The client's own certificate and key, for mutual TLS. */
  readonly cert?: string | Buffer | undefined
  readonly key?: string | Buffer | undefined
  readonly passphrase?: string | undefined
  /** Default true. False accepts every certificate: for experiments only. */
  readonly rejectUnauthorized?: boolean | undefined
}

export type SaslOptions = PasswordSasl | OauthSasl

export interface PasswordSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** Tokens by client credentials, renewed before they end. */
export interface OauthSasl extends OauthClient {
  readonly mechanism: 'OAUTHBEARER'
}

/** Gets what kafkajs would have printed. Details never hold credentials or records. */
export type KafkaLog = (
  level: 'debug' | 'info' | 'warn',
  message: string,
  details: { readonly [name: string]: unknown },
) => void

/** How to reach the brokers, as it is set: files are named, not read. */
export interface ConnectionSettings {
  readonly brokers: readonly string[]
  readonly tls: boolean
  readonly tlsCaFile: string | null
  readonly tlsCertificateFile: string | null
  readonly tlsKeyFile: string | null
  readonly saslMechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer' | null
  readonly saslUsername: string | null
  readonly saslPassword: string | null
  readonly oauthTokenUrl: string | null
  readonly oauthClientId: string | null
  readonly oauthClientSecret: string | null
  readonly oauthScope: string | null
}

/** Reads the files that the settings name. */
export function connectionOptions(
  settings: ConnectionSettings,
  clientId: string,
  readFile: (path: string) => string,
): KafkaConnectionOptions {
  const { brokers, saslMechanism } = settings
  return {
    brokers,
    clientId,
    tls: settings.tls ? tlsOptions(settings, readFile) : undefined,
    sasl: saslMechanism === null ? undefined : saslOptions(settings, saslMechanism),
  }
}

function tlsOptions(
  { tlsCaFile, tlsCertificateFile, tlsKeyFile }: ConnectionSettings,
  readFile: (path: string) => string,
): TlsOptions {
  const read = (path: string | null) => (path === null ? undefined : readFile(path))
  return { ca: read(tlsCaFile), cert: read(tlsCertificateFile), key: read(tlsKeyFile) }
}

function saslOptions(
  settings: ConnectionSettings,
  mechanism: NonNullable<ConnectionSettings['saslMechanism']>,
): SaslOptions {
  if (mechanism === 'oauthbearer') {
    return {
      mechanism: 'OAUTHBEARER',
      tokenUrl: settings.oauthTokenUrl ?? '',
      clientId: settings.oauthClientId ?? '',
      clientSecret: settings.oauthClientSecret ?? '',
      scope: settings.oauthScope ?? undefined,
    }
  }
  return {
    mechanism: mechanism.toUpperCase() as PasswordSasl['mechanism'],
    username: settings.saslUsername ?? '',
    password: settings.saslPassword ?? '',
  }
}
