// `npm run kafka [-- --port 9092] [--data <folder>]`: a Kafka in the foreground until Ctrl-C.

import { parseArgs } from 'node:util'
import { brokerAvailability } from './available.ts'
import { startBroker } from './broker.ts'
import { kafkaVersion } from './jars.ts'

const { values } = parseArgs({ options: { port: { type: 'string' }, data: { type: 'string' } } })

const availability = brokerAvailability()
if (!availability.isAvailable) {
  process.stderr.write(`${availability.reason}\n`)
  process.exit(1)
}

const stopRequested = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => resolve())
})

const startedAtMs = performance.now()
const broker = await startBroker({
  ...(values.port !== undefined && { port: Number(values.port) }),
  ...(values.data !== undefined && { dataDir: values.data }),
  onProgress: (line) => process.stdout.write(`${line}\n`),
})
const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1)
process.stdout.write(
  `Apache Kafka ${kafkaVersion} answers on ${broker.brokers} (up in ${seconds} s, pid ${broker.pid}).\n` +
    `Use it: MILLRACE_KAFKA_BROKERS=${broker.brokers} npm run …\n` +
    `${values.data === undefined ? 'Its data goes when it stops. ' : ''}Stop it with Ctrl-C.\n`,
)
await stopRequested
await broker.stop()
process.stdout.write('Kafka stopped.\n')
