import { parseArgs } from 'node:util'
import { connectToKafka } from '../tools/kafka/connect.ts'
import { jobs } from './jobs/jobs.ts'
import { type BenchOptions, runJob } from './jobs/run.ts'
import { largeState } from './large-state/run.ts'

const usage = `npm run bench -- ${jobs.map(({ name }) => name).join('|')} [--rounds 5] [--records 10000000] [--keys 10000] [--commit-interval 1000]
  [--guarantee at_least_once|exactly_once|both] [--emission coalesced|every-update] [--heap-millrace MiB] [--heap-streams MiB]
npm run bench -- large-state [--heap-millrace 256] [--times 10]`

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    records: { type: 'string', default: '10000000' },
    keys: { type: 'string', default: '10000' },
    'commit-interval': { type: 'string', default: '1000' },
    guarantee: { type: 'string', default: 'at_least_once' },
    emission: { type: 'string', default: 'coalesced' },
    'heap-millrace': { type: 'string' },
    'heap-streams': { type: 'string' },
    times: { type: 'string', default: '10' },
  },
})

const wanted = jobs.filter(({ name }) => positionals.includes(name))
const isLargeState = positionals.length === 1 && positionals[0] === 'large-state'
if (!isLargeState && (wanted.length === 0 || wanted.length < positionals.length)) {
  console.error(usage)
  process.exit(2)
}

const kafka = await connectToKafka({
  onProgress: (line) => console.log(line),
  // The tests' small heap would be what is measured.
  jvmOptions: ['-Xmx2g'],
})
try {
  const options: BenchOptions = {
    brokers: kafka.brokers,
    rounds: Number(values.rounds),
    records: Number(values.records),
    keys: Number(values.keys),
    partitions: 4,
    commitIntervalMs: Number(values['commit-interval']),
    guarantees: guaranteesOf(values.guarantee),
    emission: values.emission === 'every-update' ? 'every-update' : 'coalesced',
    heapMiB: {
      millrace: values['heap-millrace'] ? Number(values['heap-millrace']) : undefined,
      kafkaStreams: values['heap-streams'] ? Number(values['heap-streams']) : undefined,
    },
    print: (line) => console.log(line),
  }
  let code = isLargeState ? await runLargeState() : 0
  for (const job of wanted) {
    console.log(`== ${job.name}`)
    code = Math.max(code, await runJob(kafka.cluster, job, options))
  }
  process.exitCode = code
} finally {
  await kafka.close()
}

function runLargeState(): Promise<number> {
  return largeState(kafka.cluster, {
    brokers: kafka.brokers,
    heapMiB: Number(values['heap-millrace'] ?? 256),
    times: Number(values.times),
    print: (line) => console.log(line),
  })
}

function guaranteesOf(wanted: string): BenchOptions['guarantees'] {
  if (wanted === 'both') return ['at_least_once', 'exactly_once']
  if (wanted === 'at_least_once' || wanted === 'exactly_once') return [wanted]
  console.error(usage)
  process.exit(2)
}
