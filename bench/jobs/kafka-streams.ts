import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Contestant, JobSettings, RunningJob } from './contestant.ts'
import { startProcess } from './process.ts'

const root = join(import.meta.dirname, '..', '..')
const project = join(root, 'bench', 'peers', 'kafka-streams')
const output = join(root, '.cache', 'peers', 'kafka-streams')
/** Kafka Streams' default cache; 0 switches it off. */
const cacheBytes = 10 << 20

export const kafkaStreams: Contestant = {
  name: 'Kafka Streams 4.1.1',

  async prepare(): Promise<void> {
    const goals = [
      'compile',
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(output, 'lib')}`,
    ]
    await promisify(execFile)('mvn', ['-q', '-B', ...goals], { cwd: project })
  },

  start(settings: JobSettings): RunningJob {
    const heap = settings.heapMiB ? [`-Xmx${settings.heapMiB}m`] : []
    const classPath = [join(output, 'classes'), join(output, 'lib', '*')].join(':')
    return startProcess(
      'java',
      [...heap, '-cp', classPath, 'bench.Jobs', ...jobArguments(settings)],
      {},
    )
  },
}

function jobArguments(settings: JobSettings): string[] {
  return [
    settings.job,
    settings.brokers,
    settings.groupId,
    settings.input,
    settings.other,
    settings.output,
    settings.guarantee === 'exactly_once' ? 'exactly_once_v2' : 'at_least_once',
    String(settings.commitIntervalMs),
    String(settings.emission === 'coalesced' ? cacheBytes : 0),
    settings.stateDirectory,
  ]
}
