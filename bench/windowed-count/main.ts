import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cluster } from '@millrace/kafka'
import type { Contestant, JobSettings } from './contestant.ts'
import { type InputSpec, writeInput } from './input.ts'
import { kafkaStreams } from './kafka-streams.ts'
import { type Measurement, measure } from './measure.ts'
import { millrace } from './millrace.ts'
import { differences, finalCounts } from './output.ts'

export interface BenchOptions {
  readonly brokers: string
  readonly rounds: number
  readonly records: number
  readonly keys: number
  readonly partitions: number
  readonly commitIntervalMs: number
  readonly guarantee: JobSettings['guarantee']
  readonly emission: JobSettings['emission']
  readonly heapMiB: {
    readonly millrace?: number | undefined
    readonly kafkaStreams?: number | undefined
  }
  readonly print: (line: string) => void
}

interface Run {
  readonly measurement: Measurement
  readonly counts: Map<string, number>
}

/**
 * `windowed-count`: Millrace and Kafka Streams in turn on the same broker and topic, with the same
 * guarantee, commit interval and work. The final value of every key and window is compared before
 * any timing counts. The last line is the ratio of their speeds.
 */
export async function windowedCount(cluster: Cluster, options: BenchOptions): Promise<number> {
  const { print } = options
  const input: InputSpec = { topic: `bench-in-${options.records}`, ...options }
  await writeInput(cluster, input, (written) => {
    if (written % 1_000_000 === 0) print(`input: ${written.toLocaleString('en')} records written`)
  })
  for (const contestant of [millrace, kafkaStreams]) await contestant.prepare()
  const ratios: number[] = []
  let wrong = 0
  for (let round = 1; round <= options.rounds; round++) {
    const ours = await run(cluster, millrace, input, options, round)
    const theirs = await run(cluster, kafkaStreams, input, options, round)
    const different = differences(ours.counts, theirs.counts)
    if (different.length > 0) {
      wrong += 1
      print(
        `round ${round}: ${different.length} results differ, the timing does not count: ${different.slice(0, 3).join('; ')}`,
      )
      continue
    }
    ratios.push(ours.measurement.recordsPerSecond / theirs.measurement.recordsPerSecond)
    print(`round ${round}: ${ours.counts.size.toLocaleString('en')} equal results`)
    print(`  ${describe(millrace, ours.measurement)}`)
    print(`  ${describe(kafkaStreams, theirs.measurement)}`)
  }
  print(ratioLine(ratios))
  return wrong === 0 ? 0 : 1
}

async function run(
  cluster: Cluster,
  contestant: Contestant,
  input: InputSpec,
  options: BenchOptions,
  round: number,
): Promise<Run> {
  const id = `bench-${contestant === millrace ? 'millrace' : 'streams'}-${round}-${Date.now()}`
  const output = `${id}-out`
  const retained = { 'retention.ms': '-1' }
  await cluster.admin.createTopics([
    { topic: output, partitionCount: input.partitions, configs: retained },
  ])
  const stateDirectory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const heapMiB = contestant === millrace ? options.heapMiB.millrace : options.heapMiB.kafkaStreams
  const job = contestant.start({
    ...options,
    groupId: id,
    input: input.topic,
    output,
    stateDirectory,
    heapMiB,
  })
  try {
    const measurement = await measure(cluster, id, input, job)
    return { measurement, counts: await finalCounts(cluster, output, input.partitions) }
  } finally {
    await job.stop()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

function describe(
  contestant: Contestant,
  { recordsPerSecond, warmUpSeconds, peakMemoryMiB }: Measurement,
): string {
  const rate = Math.round(recordsPerSecond).toLocaleString('en')
  const name = contestant.name.padEnd(20)
  return `${name} ${rate} records/s, start and warm-up ${warmUpSeconds.toFixed(1)} s, peak memory ${Math.round(peakMemoryMiB)} MiB`
}

function ratioLine(ratios: readonly number[]): string {
  const sorted = [...ratios].sort((a, b) => a - b)
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN).toFixed(2)
  return `ratio: min ${at(0)}, median ${at(0.5)}, max ${at(1)}`
}
