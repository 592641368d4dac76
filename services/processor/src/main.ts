// The processor: reads its settings from the environment, runs the topology in worker threads, and
// answers /healthz, /readyz and /metrics. Exit codes: 0 stopped by a signal, 1 a worker failed, 2 the
// settings are wrong.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, parseConfig } from '@millrace/config'
import { isMillraceError } from '@millrace/errors'
import { createLogger, MetricsRegistry } from '@millrace/telemetry'
import { startCanary } from './canary/start-canary.ts'
import { configHash } from './config-hash.ts'
import { startDeadLetterWatch } from './dead-letters/start-dead-letter-watch.ts'
import { DiskWatch } from './disk/disk-watch.ts'
import { Health } from './health.ts'
import { HttpServer } from './http/server.ts'
import { keptProcessId } from './process-id.ts'
import { ProcessMetrics } from './process-metrics.ts'
import { WorkerThreads } from './thread/worker-threads.ts'
import { stackOfThread } from './watchdog/stack-of-thread.ts'
import { Watchdog } from './watchdog/watchdog.ts'

const config = configOrExit()
const directory = join(config.stateDirectory, config.applicationId)
const logger = createLogger({
  level: config.logLevel,
  fields: { application: config.applicationId },
})
const health = new Health(config.threads, () => performance.now())
const metrics = new MetricsRegistry(Date.now)
const processMetrics = new ProcessMetrics({
  registry: metrics,
  version: ownVersion(),
  configHash: configHash(config),
  stateDiskBudgetBytes: config.stateDiskBudget,
  threads: config.threads,
  health,
  nowMs: Date.now,
})
const http = new HttpServer({
  host: config.httpHost,
  port: config.httpPort,
  health,
  metrics,
  processMetrics,
})
const workers = new WorkerThreads({
  config,
  processId: keptProcessId(join(directory, 'process-id')),
  health,
  metrics,
  watchdog: new Watchdog({
    afterMs: config.watchdogAfter,
    nowMs: () => performance.now(),
    logger,
    onBlocked: (thread, seconds) => processMetrics.blocked(thread, seconds),
    stackOf: stackOfThread,
  }),
  onFailed: (message) => void end(1, message),
})

const disk = new DiskWatch({
  directory,
  budgetBytes: config.stateDiskBudget,
  reserveBytes: config.stateDiskReserve,
  onMeasured: (use) => processMetrics.disk(use),
  onFull: (error) => void end(1, error.message),
})

let isEnding = false
/** What the main thread does beside the workers. */
let watches: readonly ({ stop(): void } | null)[] = []

process.on('SIGTERM', () => void end(0, 'SIGTERM'))
process.on('SIGINT', () => void end(0, 'SIGINT'))
// Windows has no such signal.
if (process.platform !== 'win32') process.on('SIGUSR2', toggleDebug)

try {
  const port = await http.listen()
  logger.info({ host: config.httpHost, port }, 'Serving /healthz, /readyz and /metrics')
  await disk.start()
  workers.start()
  const { counters } = processMetrics
  watches = [startCanary(config, counters, logger), startDeadLetterWatch(config, counters, logger)]
} catch (error) {
  await end(1, error instanceof Error ? error.message : String(error))
}

/** Once: stops the workers, then ends the process. */
async function end(code: number, reason: string): Promise<void> {
  if (isEnding) return
  isEnding = true
  logger[code === 0 ? 'info' : 'error'](
    { reason },
    code === 0 ? 'Stopping' : 'Stopping after a failure',
  )
  disk.close()
  for (const watch of watches) watch?.stop()
  await workers.stop()
  await http.close()
  process.exit(code)
}

/** SIGUSR2: every line, and with the next one those that are set again. */
function toggleDebug(): void {
  const level = logger.level === 'debug' ? config.logLevel : 'debug'
  logger.level = level
  workers.setLogLevel(level)
  logger.warn({ logLevel: level }, 'Log level changed by SIGUSR2')
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

function configOrExit(): Config {
  try {
    return parseConfig(process.env, (path) => readFileSync(path, 'utf8'))
  } catch (error) {
    const said = isMillraceError(error) ? error.message : String(error)
    // A name in the environment may hold anything, escape codes of a terminal included.
    process.stderr.write(`${said.replace(/\p{Cc}/gu, ' ')}\n`)
    process.exit(2)
  }
}
