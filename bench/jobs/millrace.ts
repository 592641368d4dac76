import { join } from 'node:path'
import type { Contestant, JobSettings, RunningJob } from './contestant.ts'
import { startProcess } from './process.ts'

const root = join(import.meta.dirname, '..', '..')

export const millrace: Contestant = {
  name: 'Millrace',

  async prepare(): Promise<void> {},

  start(settings: JobSettings): RunningJob {
    const heap = settings.heapMiB ? [`--max-old-space-size=${settings.heapMiB}`] : []
    const args = [
      ...heap,
      '--conditions=source',
      join(root, 'services', 'processor', 'src', 'main.ts'),
    ]
    return startProcess(process.execPath, args, {
      env: { ...process.env, ...environment(settings) },
    })
  },
}

/** The processor's own settings, and the topology's (bench/jobs/topologies/order.ts reads BENCH_*). */
function environment(settings: JobSettings): { [name: string]: string } {
  return {
    MILLRACE_KAFKA_BROKERS: settings.brokers,
    MILLRACE_APPLICATION_ID: settings.groupId,
    MILLRACE_TOPOLOGY: join(import.meta.dirname, 'topologies', `${settings.job}.ts`),
    MILLRACE_GUARANTEE: settings.guarantee,
    MILLRACE_COMMIT_INTERVAL: `${settings.commitIntervalMs}ms`,
    MILLRACE_STATE_DIRECTORY: settings.stateDirectory,
    MILLRACE_HTTP_PORT: '0',
    MILLRACE_LOG_LEVEL: 'warn',
    BENCH_INPUT: settings.input,
    BENCH_OTHER: settings.other,
    BENCH_OUTPUT: settings.output,
    BENCH_EVERY_UPDATE: String(settings.emission === 'every-update'),
  }
}
