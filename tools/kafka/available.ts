import { areJarsCached } from './jars.ts'
import { findJava, hasMaven } from './java.ts'

/** Says whether a broker of our own can run here; if not, one sentence with the ways on. */
export function brokerAvailability():
  | { readonly isAvailable: true }
  | { readonly isAvailable: false; readonly reason: string } {
  const missing = [
    ...(findJava() === undefined ? ['Java 17'] : []),
    ...(areJarsCached() || hasMaven() ? [] : ['Maven']),
  ]
  if (missing.length === 0) return { isAvailable: true }
  return {
    isAvailable: false,
    reason:
      `A local Kafka needs ${missing.join(' and ')}, not found here: install Java 17 and Maven, ` +
      'or start Kafka with Docker (docker compose up kafka), ' +
      'or name a running broker in MILLRACE_KAFKA_BROKERS (host:port).',
  }
}
