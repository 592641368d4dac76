// `npm run demo`: a Kafka, a feeder of real flights, two processors, and a live table.
// `npm run demo -- --once`: at full speed to the end, then everything recomputed as a batch and compared.
// `npm run demo -- --once --chaos`: the same while both processors are killed again and again.

import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brokerAvailability } from '../kafka/available.ts'
import { connectToKafka } from '../kafka/connect.ts'
import { delayOf, demoMessages } from './messages.ts'
import { runDemo } from './run.ts'
import { runSimulatedDemo } from './simulated.ts'

const usage = `npm run demo -- [--once] [--speed <hours of event time per second, default 12>]
  [--guarantee exactly_once|at_least_once] [--chaos [--seed <number>]] [--keep]
  --once   full speed to the end, verify against a batch, exit 0 or 1
  --chaos  kill -9 the processors again and again, the feed slowed to a minute and a quarter
  --keep   leave the state and the logs of the processors where they are`

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    speed: { type: 'string', default: '12' },
    guarantee: { type: 'string' },
    chaos: { type: 'boolean', default: false },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const chaosSeconds = 75
const chaosSeed = values.chaos ? Number(values.seed ?? randomInt(1, 1_000_000)) : undefined
const hoursPerSecond = speed()
if (!(hoursPerSecond > 0)) refuse('--speed must be a number above 0')
if (values.chaos && !values.once) refuse('--chaos belongs to --once: what it did is verified')
if (values.chaos && !Number.isSafeInteger(chaosSeed)) refuse('--seed must be a whole number')

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort())
const options = {
  once: values.once,
  hoursPerSecond,
  guarantee: values.guarantee ?? 'exactly_once',
  chaosSeed,
  signal: ended.signal,
}

const availability = brokerAvailability()
if (!availability.isAvailable && !process.env['MILLRACE_KAFKA_BROKERS']) {
  console.log(availability.reason)
  if (values.chaos) refuse('--chaos kills processes: it needs a Kafka')
  console.log('Going on with the simulated cluster in this process: nothing is durable.')
  process.exit(await runSimulatedDemo(options))
}

console.log(
  process.env['MILLRACE_KAFKA_BROKERS'] ? 'Connecting to Kafka…' : 'Starting Apache Kafka…',
)
const kafka = await connectToKafka({ onProgress: (line) => console.log(line) })
const directory = await mkdtemp(join(tmpdir(), 'millrace-demo-'))
try {
  process.exitCode = await runDemo(kafka, directory, options)
} finally {
  await kafka.close()
  if (values.keep) console.log(`State and logs are in ${directory}`)
  else await rm(directory, { recursive: true, force: true })
}

/** Hours of event time in a second. */
function speed(): number {
  if (!values.once) return Number(values.speed)
  if (!values.chaos) return Number.POSITIVE_INFINITY
  const all = demoMessages(delayOf(1))
  const spanMs = (all.at(-1)?.sentMs ?? 0) - (all[0]?.sentMs ?? 0)
  return spanMs / 3_600_000 / chaosSeconds
}

function refuse(what: string): never {
  console.error(`${what}\n${usage}`)
  process.exit(2)
}
