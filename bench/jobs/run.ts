import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '@millrace/kafka'
import type { Contestant, JobSettings } from './contestant.ts'
import { type InputSpec, writeInput, writeTable } from './input.ts'
import type { Job } from './jobs.ts'
import { kafkaStreams } from './kafka-streams.ts'
import { type Measurement, measure } from './measure.ts'
import { millrace } from './millrace.ts'
import { differences, resultsOf } from './output.ts'

export interface BenchOptions {
  readonly brokers: string
  readonly rounds: number
  readonly records: number
  readonly keys: number
  readonly partitions: number
  readonly commitIntervalMs: number
  readonly guarantees: readonly JobSettings['guarantee'][]
  readonly emission: JobSettings['emission']
  readonly heapMiB: {
    readonly millrace?: number | undefined
    readonly kafkaStreams?: number | undefined
  }
  readonly print: (line: string) => void
}

interface Run {
  readonly measurement: Measurement
  readonly results: Map<string, string>
}

interface Entry extends Run {
  readonly contestant: Contestant
  readonly guarantee: JobSettings['guarantee']
}

/**
 * One job, Millrace and Kafka Streams in turn on the same broker and topics, with the same commit
 * interval and work, under each guarantee asked for. All results are compared before any timing
 * counts. The last lines are the ratios of their speeds.
 */
export async function runJob(cluster: Cluster, job: Job, options: BenchOptions): Promise<number> {
  const { print, guarantees } = options
  const inputs = await writeInputs(cluster, job, options)
  for (const contestant of [millrace, kafkaStreams]) await contestant.prepare()
  const rounds: Entry[][] = []
  let wrong = 0
  for (let round = 1; round <= options.rounds; round++) {
    const entries: Entry[] = []
    for (const guarantee of guarantees) {
      for (const contestant of [millrace, kafkaStreams]) {
        const settings = { ...options, guarantee }
        const ran = await run(cluster, contestant, job, inputs, settings, round)
        entries.push({ contestant, guarantee, ...ran })
      }
    }
    const different = entries.flatMap(({ results }) => differences(entries[0]!.results, results))
    if (different.length > 0) {
      wrong += 1
      print(
        `round ${round}: ${different.length} results differ, the timing does not count: ${different.slice(0, 3).join('; ')}`,
      )
      continue
    }
    rounds.push(entries)
    print(`round ${round}: ${entries[0]!.results.size.toLocaleString('en')} equal results`)
    for (const entry of entries) print(`  ${describe(entry)}`)
  }
  for (const line of ratioLines(rounds, guarantees)) print(line)
  return wrong === 0 ? 0 : 1
}

/** Written once for each size; the second topic where the job has one. */
async function writeInputs(
  cluster: Cluster,
  { other }: Job,
  options: BenchOptions,
): Promise<readonly InputSpec[]> {
  const { print, keys, partitions } = options
  const records = other === 'stream' ? Math.floor(options.records / 2) : options.records
  const known = new Set(await cluster.admin.listTopics())
  const spec = (topic: string) => ({ topic, records, keys, partitions })
  const inputs: InputSpec[] = [spec(`bench-in-${records}-${keys}`)]
  if (other === 'stream') inputs.push({ ...spec(`bench-other-${records}-${keys}`), seed: 43 })
  if (other === 'table') inputs.push({ ...spec(`bench-table-${keys}`), records: keys })
  for (const [nth, input] of inputs.entries()) {
    if (known.has(input.topic)) continue
    if (nth === 1 && other === 'table') await writeTable(cluster, input)
    else
      await writeInput(cluster, input, (written) => {
        if (written % 1_000_000 === 0)
          print(`input: ${written.toLocaleString('en')} records written`)
      })
  }
  return inputs
}

async function run(
  cluster: Cluster,
  contestant: Contestant,
  job: Job,
  inputs: readonly InputSpec[],
  options: BenchOptions & Pick<JobSettings, 'guarantee'>,
  round: number,
): Promise<Run> {
  const [input, other = input] = inputs
  if (input === undefined || other === undefined) throw new Error('a job has an input')
  const id = `bench-${contestant === millrace ? 'millrace' : 'streams'}-${round}-${Date.now()}`
  const output = `${id}-out`
  const retained = { 'retention.ms': '-1' }
  await cluster.admin.createTopics([
    { topic: output, partitionCount: input.partitions, configs: retained },
  ])
  const stateDirectory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const heapMiB = contestant === millrace ? options.heapMiB.millrace : options.heapMiB.kafkaStreams
  const running = contestant.start({
    ...options,
    job: job.name,
    groupId: id,
    input: input.topic,
    other: other.topic,
    output,
    stateDirectory,
    heapMiB,
  })
  try {
    const measurement = await measure(cluster, id, inputs, running)
    const results = await resultsOf(cluster, output, input.partitions, job.compares)
    return { measurement, results }
  } finally {
    await running.stop()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

function describe({ contestant, guarantee, measurement }: Entry): string {
  const { recordsPerSecond, warmUpSeconds, peakMemoryMiB, cpuSeconds } = measurement
  const rate = Math.round(recordsPerSecond).toLocaleString('en')
  const name = `${contestant.name.padEnd(20)} ${guarantee.padEnd(13)}`
  return `${name} ${rate} records/s, start and warm-up ${warmUpSeconds.toFixed(1)} s, peak memory ${Math.round(peakMemoryMiB)} MiB, CPU ${cpuSeconds.toFixed(1)} s`
}

/** Millrace to Kafka Streams under each guarantee, then what exactly-once costs each of them. */
function ratioLines(rounds: readonly Entry[][], guarantees: BenchOptions['guarantees']): string[] {
  const speed = (entries: Entry[], contestant: Contestant, guarantee: string): number =>
    entries.find((entry) => entry.contestant === contestant && entry.guarantee === guarantee)
      ?.measurement.recordsPerSecond ?? Number.NaN
  const lines = guarantees.map((guarantee) => {
    const ratios = rounds.map(
      (round) => speed(round, millrace, guarantee) / speed(round, kafkaStreams, guarantee),
    )
    return `ratio ${guarantee}: ${spread(ratios)}`
  })
  if (guarantees.length < 2) return lines
  const costs = [millrace, kafkaStreams].map((contestant) => {
    const ratios = rounds.map(
      (round) =>
        speed(round, contestant, 'exactly_once') / speed(round, contestant, 'at_least_once'),
    )
    return `exactly_once to at_least_once, ${contestant.name}: ${spread(ratios)}`
  })
  return [...lines, ...costs]
}

function spread(ratios: readonly number[]): string {
  const sorted = ratios.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2)
  return `min ${at(0)}, median ${at(0.5)}, max ${at(1)}`
}
