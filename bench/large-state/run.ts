import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster } from '@millrace/kafka'
import type { RunningJob } from '../jobs/contestant.ts'
import { startProcess } from '../jobs/process.ts'
import { type RowsSpec, recordsOf, writeRows } from './input.ts'
import { memoryOf, sizeMiB } from './memory.ts'

export interface LargeStateOptions {
  readonly brokers: string
  readonly heapMiB: number
  /** The state, in heaps. */
  readonly times: number
  readonly print: (line: string) => void
}

const rowBytes = 1024
const sampleMs = 250
const lines = 24
const deadlineMs = 900_000
/** How much more than in the first half the process may hold in the second. */
const growthMax = 1.25

interface Sample {
  readonly records: number
  readonly ownMiB: number
}

/**
 * `large-state`: a state many times larger than the heap, each row written once and a fifth of them
 * changed once more, and what the process holds meanwhile. Fails where it holds ever more.
 */
export async function largeState(cluster: Cluster, options: LargeStateOptions): Promise<number> {
  const { heapMiB, times, print, brokers } = options
  const rows = Math.ceil((heapMiB * times * 1024 * 1024) / rowBytes)
  const spec: RowsSpec = { topic: `bench-rows-${rows}`, partitions: 4, rows, rowBytes }
  print(`writing ${recordsOf(spec).toLocaleString('en')} records of ${rowBytes} bytes…`)
  await writeRows(cluster, spec)
  const id = `bench-large-state-${Date.now()}`
  const topic = `${id}-out`
  const configs = { 'retention.ms': '-1' }
  await cluster.admin.createTopics([{ topic, partitionCount: spec.partitions, configs }])
  const stateDirectory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const job = start(brokers, id, spec.topic, topic, stateDirectory, heapMiB)
  try {
    const samples = await watch(cluster, id, spec, job, stateDirectory, print)
    return verdict(samples, options)
  } finally {
    await job.stop()
    await rm(stateDirectory, { recursive: true, force: true })
  }
}

function start(
  brokers: string,
  id: string,
  input: string,
  output: string,
  stateDirectory: string,
  heapMiB: number,
): RunningJob {
  const main = join(import.meta.dirname, '..', '..', 'services', 'processor', 'src', 'main.ts')
  const args = [`--max-old-space-size=${heapMiB}`, '--conditions=source', main]
  return startProcess(process.execPath, args, {
    env: {
      ...process.env,
      MILLRACE_KAFKA_BROKERS: brokers,
      MILLRACE_APPLICATION_ID: id,
      MILLRACE_TOPOLOGY: join(import.meta.dirname, 'topology.ts'),
      MILLRACE_STATE_DIRECTORY: stateDirectory,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'warn',
      BENCH_INPUT: input,
      BENCH_OUTPUT: output,
    },
  })
}

/** The curve: a line now and then, until all is committed. */
async function watch(
  cluster: Cluster,
  groupId: string,
  spec: RowsSpec,
  job: RunningJob,
  stateDirectory: string,
  print: (line: string) => void,
): Promise<readonly Sample[]> {
  const { topic, partitions: count } = spec
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }))
  const total = recordsOf(spec)
  const samples: Sample[] = []
  const startedAtMs = performance.now()
  print('   records  state MiB  own MiB  mapped MiB')
  for (let printed = -1; performance.now() - startedAtMs < deadlineMs; await wait(sampleMs)) {
    if (!job.isAlive()) throw new Error('the processor ended before it had committed its input')
    const options = { requireStable: false }
    const offsets = await cluster.committedOffsets(groupId, partitions, options)
    const records = offsets.reduce((sum, { offset }) => sum + offset, 0)
    const { ownMiB, filesMiB } = memoryOf(job.pid)
    samples.push({ records, ownMiB })
    const line = Math.floor((records / total) * lines)
    if (line > printed) {
      printed = line
      const state = await sizeMiB(stateDirectory)
      const bar = '▇'.repeat(Math.round(ownMiB / 25))
      const figures = [state, ownMiB, filesMiB].map((each) => each.toFixed(0).padStart(9))
      print(`${records.toLocaleString('en').padStart(10)}${figures.join('')}   ${bar}`)
    }
    if (records >= total) return samples
  }
  throw new Error(`the input was not committed within ${deadlineMs / 1000} s`)
}

function verdict(samples: readonly Sample[], options: LargeStateOptions): number {
  const total = samples.at(-1)?.records ?? 0
  const most = (from: number, to: number): number =>
    Math.max(
      ...samples
        .filter(({ records }) => records >= total * from && records <= total * to)
        .map(({ ownMiB }) => ownMiB),
    )
  const [first, second] = [most(0.1, 0.5), most(0.5, 1)]
  const growth = second / first
  options.print(
    `state ${options.times} times the heap of ${options.heapMiB} MiB: at most ${first.toFixed(0)} MiB in the first half, ` +
      `${second.toFixed(0)} MiB in the second (${growth.toFixed(2)}; bounded where not over ${growthMax})`,
  )
  return growth <= growthMax ? 0 : 1
}
