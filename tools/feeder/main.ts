// Feeds the demo's flights to a broker that is already there: the demo's source where the processors
// run elsewhere, as in docker-compose.yml. Exit codes: 0 all sent or ended by a signal, 2 wrong arguments.

import { parseArgs } from 'node:util'
import { createCluster, createKafkajsTransport } from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import { feed } from '../demo/feeder.ts'
import { delayOf, demoMessages } from '../demo/messages.ts'
import { createDemoTopics } from '../demo/topics.ts'

const usage = `node tools/feeder/main.ts --brokers <host:port,…> [--speed <hours of event time per second>]
  [--topics-only]
  --speed        default 1: the three months of flights take about 36 minutes
  --topics-only  create the topics of the demo, those that are there left alone, and end`

const { values } = parseArgs({
  options: {
    brokers: { type: 'string', default: '' },
    speed: { type: 'string', default: '1' },
    'topics-only': { type: 'boolean', default: false },
  },
})
const hoursPerSecond = Number(values.speed)
if (values.brokers === '' || !(hoursPerSecond > 0)) {
  console.error(usage)
  process.exit(2)
}

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ended.abort())

const connection = { brokers: values.brokers.split(','), clientId: 'millrace-feeder' }
const cluster = createCluster({
  transport: createKafkajsTransport(connection, () => {}, systemClock),
  clock: systemClock,
})
await cluster.connect()
await createDemoTopics(cluster)
console.log(`The topics of the demo are there, on ${values.brokers}`)
if (!values['topics-only']) await feedAll()
await cluster.close()

async function feedAll(): Promise<void> {
  const messages = demoMessages(delayOf(hoursPerSecond))
  const printEvery = 1_000
  let printed = 0
  await feed(cluster, {
    messages,
    hoursPerSecond,
    signal: ended.signal,
    onProgress(sent) {
      if (sent - printed < printEvery && sent < messages.length) return
      printed = sent
      console.log(`sent ${sent} of ${messages.length} records`)
    },
  })
}
