// The entry of a worker thread: one stream worker with its own connections. All it shares with the
// main thread is the counters' buffer and the messages of `messages.ts`.

import { hostname } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createCluster, createKafkajsTransport } from '@millrace/kafka'
import { createStreamWorker, stateDirectory } from '@millrace/runtime'
import { createLogger, type LogLevel, SharedCounters, Whereabouts } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import { kafkaOptions } from '../kafka-options.ts'
import { topologyOf } from '../topology-of.ts'
import type { FromThread, ThreadData, ToThread } from './messages.ts'
import { restoreLog } from './restore-log.ts'
import { ThreadHandles } from './thread-handles.ts'

/** Below what containers are given to stop in (10 s with Docker). */
const stopDeadlineMs = 8_000
const beatMs = 500

const { config, thread, processId } = workerData as ThreadData
const logger = createLogger({
  level: config.logLevel,
  fields: { application: config.applicationId, thread },
})
const tell = (message: FromThread): void => parentPort?.postMessage(message)
const counters = new SharedCounters({ onSeries: (series) => tell({ kind: 'series', series }) })
tell({ kind: 'counters', buffer: counters.buffer })
const whereabouts = new Whereabouts((name) => tell({ kind: 'place', name }))
tell({ kind: 'whereabouts', buffer: whereabouts.buffer })
const handles = new ThreadHandles(tell)
parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'handle') handles.answered(message)
})
let isReady = (): boolean => false
const beat = setInterval(() => tell({ kind: 'beat', isReady: isReady() }), beatMs)
tell({ kind: 'beat', isReady: false })

try {
  await run()
} catch (error) {
  logger.error({ error }, 'The worker cannot go on')
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
} finally {
  clearInterval(beat)
  // Else the thread would go on listening, and the process wait for it, though nothing runs.
  parentPort?.close()
}

function setLogLevel(level: LogLevel): void {
  logger.level = level
  logger.debug({ logLevel: level }, 'This thread logs every line now')
}

async function run(): Promise<void> {
  const topology = await topologyOf(config)
  const worker = createStreamWorker({
    topology,
    applicationId: config.applicationId,
    cluster: (purpose) => {
      const log = logger.child({ purpose })
      const transport = createKafkajsTransport(
        kafkaOptions(config, thread),
        (level, message, details) => log[level === 'info' ? 'debug' : level](details, message),
        systemClock,
      )
      return createCluster({ transport, clock: systemClock, logger: log })
    },
    backends: stateDirectory(config.stateDirectory, config.applicationId, handles),
    clock: systemClock,
    counters,
    logger,
    guarantee: config.guarantee,
    commitIntervalMs: config.commitInterval,
    deadLetterTopic: config.deadLetterTopic ?? undefined,
    onUndecodable: config.onUndecodable ?? undefined,
    onProcessingError: config.onProcessingError ?? undefined,
    onProductionError: config.onProductionError ?? undefined,
    processingRetries: config.processingRetries,
    processingRetryBackoffMs: config.processingRetryBackoff,
    startOffset: config.startOffset,
    onPlanChange: config.onPlanChange,
    idleOutAfterMs: config.idleOutAfter,
    replicationFactor: config.internalReplication ?? undefined,
    groupInstanceId:
      config.groupInstanceId === null ? undefined : `${config.groupInstanceId}-${thread}`,
    sessionTimeoutMs: config.sessionTimeout,
    processId,
    host: hostname(),
    thread,
    whereabouts,
    onStateChange: (state) => tell({ kind: 'state', state }),
    onRestoreProgress: restoreLog(logger, systemClock),
  })
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'stop') void worker.stop({ deadlineMs: stopDeadlineMs })
    else if (message.kind === 'logLevel') setLogLevel(message.level)
  })
  isReady = () => worker.isReady
  worker.start()
  const state = await worker.ended
  if (state === 'failed') throw worker.error
}
