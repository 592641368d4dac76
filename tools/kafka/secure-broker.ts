import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, startBroker } from './broker.ts'
import { type KeyPair, makeKeyPair } from './certificates.ts'
import { audience, type IdentityProvider } from './identity-provider.ts'
import { installKafka } from './installation.ts'
import { makeRunDir } from './leftovers.ts'
import { freePorts } from './ports.ts'
import type { Properties } from './server-properties.ts'
import { formatStorage, type ScramUser } from './storage.ts'

/** A broker that listens three times: in the clear (`brokers`), with SASL over TLS, and with mutual TLS. */
export interface SecureBroker extends Broker {
  /** `host:port`: TLS and SASL PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 as `user`. */
  readonly saslBrokers: string
  /** `host:port`: TLS, and only with the `client` certificate. */
  readonly mutualTlsBrokers: string
  /** PEM: the authority that the broker's certificate is checked against. */
  readonly caFile: string
  readonly client: KeyPair
  readonly user: ScramUser
}

export interface SecureBrokerOptions extends Pick<BrokerOptions, 'onProgress'> {
  /** Nobody may do anything that no rule allows, but for who comes in the clear. */
  readonly hasRules?: boolean
  /** Adds OAUTHBEARER, with this provider's tokens; an authentication ends after `oauthSessionMs`. */
  readonly identity?: Pick<IdentityProvider, 'jwksUrl'>
  readonly oauthSessionMs?: number
}

/** Starts a broker with TLS and users made for it. Needs `openssl` beside Java; two seconds more than a plain one. */
export async function startSecureBroker(options: SecureBrokerOptions = {}): Promise<SecureBroker> {
  const installation = await installKafka(options.onProgress ?? (() => {}))
  const dir = makeRunDir()
  const dataDir = join(dir, 'data')
  const user = { name: 'miller', password: 'grist-and-water' }
  const [server, client, [port, saslPort, mutualPort, controllerPort]] = await Promise.all([
    makeKeyPair(dir, 'broker'),
    makeKeyPair(dir, 'client'),
    freePorts(4),
    formatStorage(installation, { dataDir, scramUsers: [user] }),
  ])
  const keyStore = join(dir, 'broker.pem')
  writeFileSync(
    keyStore,
    readFileSync(server.keyFile, 'utf8') + readFileSync(server.certificateFile, 'utf8'),
  )

  const { hasRules = false, identity, oauthSessionMs = 0, ...rest } = options
  const broker = await startBroker({
    ...rest,
    ...(identity && {
      jvmOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${identity.jwksUrl}`],
    }),
    dataDir,
    port: port as number,
    properties: {
      ...listeners(
        { PLAINTEXT: port, SASL: saslPort, MUTUAL: mutualPort },
        controllerPort as number,
      ),
      ...tls(keyStore, client.certificateFile),
      ...sasl(user, identity !== undefined),
      ...(identity && oauth(identity.jwksUrl, oauthSessionMs)),
      ...(hasRules && rules),
    },
  })
  const stop = async () => {
    await broker.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return {
    ...{ brokers: broker.brokers, logFile: broker.logFile, stop, [Symbol.asyncDispose]: stop },
    get pid() {
      return broker.pid
    },
    kill: () => broker.kill(),
    restart: () => broker.restart(),
    saslBrokers: `127.0.0.1:${saslPort}`,
    mutualTlsBrokers: `127.0.0.1:${mutualPort}`,
    ...{ caFile: server.certificateFile, client, user },
  }
}

function listeners(ports: Record<string, number | undefined>, controllerPort: number): Properties {
  const addresses = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`)
  return {
    listeners: [...addresses, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': addresses.join(','),
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,MUTUAL:SSL',
  }
}

function tls(keyStore: string, trusted: string): Properties {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': trusted,
    'listener.name.mutual.ssl.client.auth': 'required',
  }
}

const rules: Properties = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
}

function sasl(user: ScramUser, hasOauth: boolean): Properties {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule'
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  return {
    'listener.name.sasl.sasl.enabled.mechanisms': `PLAIN,SCRAM-SHA-256,SCRAM-SHA-512${hasOauth ? ',OAUTHBEARER' : ''}`,
    'listener.name.sasl.plain.sasl.jaas.config': `${plain} required user_${user.name}="${user.password}";`,
    'listener.name.sasl.scram-sha-256.sasl.jaas.config': scram,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': scram,
  }
}

/** Tokens are checked as in production: signature by the provider's keys, audience, end. */
function oauth(jwksUrl: string, sessionMs: number): Properties {
  const bearer = 'org.apache.kafka.common.security.oauthbearer'
  const listener = 'listener.name.sasl.oauthbearer'
  return {
    [`${listener}.sasl.jaas.config`]: `${bearer}.OAuthBearerLoginModule required;`,
    [`${listener}.sasl.server.callback.handler.class`]: `${bearer}.OAuthBearerValidatorCallbackHandler`,
    'sasl.oauthbearer.jwks.endpoint.url': jwksUrl,
    'sasl.oauthbearer.expected.audience': audience,
    [`${listener}.connections.max.reauth.ms`]: sessionMs,
  }
}
