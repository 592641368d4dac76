// The broker of the suites that need a real one. It is started once for the whole run, or named by
// MILLRACE_KAFKA_BROKERS; topics and groups need names of the test's own.

import { describe, inject, test } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port[,host:port…]`, empty without a broker. */
    kafkaBrokers: string
    /** Why there is none, empty with one. */
    kafkaMissing: string
  }
}

/** The broker's address, `host:port[,host:port…]`; undefined where none can run here. */
export function testKafka(): string | undefined {
  return inject('kafkaBrokers') || undefined
}

/** A suite against the real broker; without one it is a single test, skipped with the reason. */
export function describeWithKafka(title: string, body: (brokers: string) => void): void {
  const brokers = testKafka()
  describe(title, () => {
    if (brokers !== undefined) body(brokers)
    else test('needs a real Kafka', (context) => context.skip(inject('kafkaMissing')))
  })
}
