import type { TestProject } from 'vitest/node'
import { brokerAvailability } from '../kafka/available.ts'
import { startBroker } from '../kafka/broker.ts'

/** Vitest calls this once before the suites of the project `kafka`, and what it returns after them. */
export default async function kafkaForTests({
  provide,
}: TestProject): Promise<(() => Promise<void>) | undefined> {
  const named = process.env.MILLRACE_KAFKA_BROKERS
  const availability = brokerAvailability()
  const isMissing = named === undefined && !availability.isAvailable
  provide('kafkaMissing', isMissing ? availability.reason : '')
  if (named !== undefined || isMissing) {
    provide('kafkaBrokers', named ?? '')
    return undefined
  }
  const broker = await startBroker({ onProgress: (line) => process.stdout.write(`${line}\n`) })
  provide('kafkaBrokers', broker.brokers)
  // For what tests start as processes of their own.
  process.env.MILLRACE_KAFKA_BROKERS = broker.brokers
  return async () => {
    delete process.env.MILLRACE_KAFKA_BROKERS
    await broker.stop()
  }
}
