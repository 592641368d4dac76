import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ConnectedBroker } from '../kafka/connect.ts'
import { Chaos } from './chaos.ts'
import { feed } from './feeder.ts'
import { delayOf, demoMessages } from './messages.ts'
import { DemoProcessor } from './processors.ts'
import { progressOf, waitUntilDone } from './progress.ts'
import { report } from './report.ts'
import { LiveResults } from './results.ts'
import { draw } from './screen.ts'
import { createDemoTopics } from './topics.ts'
import { verify } from './verify.ts'

export interface DemoOptions {
  readonly once: boolean
  readonly hoursPerSecond: number
  readonly guarantee: string
  /** Kills the processors again and again while the feed runs; the seed decides when. */
  readonly chaosSeed?: number | undefined
  readonly signal: AbortSignal
}

const topRows = 12
const redrawMs = 500
const processorCount = 2
/** The least that a broker allows by default: kills come faster than the usual ten seconds. */
const chaosSessionTimeout = '6s'

/** Runs the demo against a broker and returns the exit code. */
export async function runDemo(
  kafka: ConnectedBroker,
  directory: string,
  options: DemoOptions,
): Promise<number> {
  const { cluster, brokers } = kafka
  const applicationId = 'flights-demo'
  await createDemoTopics(cluster)
  const { chaosSeed } = options
  const sessionTimeout = chaosSeed === undefined ? undefined : chaosSessionTimeout
  const processors = Array.from({ length: processorCount }, (_, index) => {
    const stateDirectory = join(directory, `state-${index + 1}`)
    const logFile = join(directory, `processor-${index + 1}.log`)
    const paths = { stateDirectory, logFile }
    return new DemoProcessor({ ...options, ...paths, brokers, applicationId, sessionTimeout })
  })
  const chaos = chaosSeed === undefined ? null : new Chaos({ processors, seed: chaosSeed })
  for (const processor of processors) processor.start()
  try {
    const isDone = await drive(kafka, applicationId, processors, chaos, options)
    const wasKilled =
      chaos !== null || processors.some((processor) => processor.outcome === 'SIGKILL')
    await Promise.all(processors.map((processor) => processor.end('SIGTERM')))
    if (!isDone) return 0
    return report(await verify(cluster, wasKilled && options.guarantee === 'at_least_once'))
  } finally {
    await Promise.all(processors.map((processor) => processor.end('SIGKILL')))
  }
}

/** Feeds and draws until all is committed (true), or the user ends it (false). */
async function drive(
  { cluster, brokers }: ConnectedBroker,
  applicationId: string,
  processors: readonly DemoProcessor[],
  chaos: Chaos | null,
  options: DemoOptions,
): Promise<boolean> {
  const messages = demoMessages(delayOf(options.hoursPerSecond))
  const results = new LiveResults(cluster)
  const finished = new AbortController()
  let sent = 0
  const feeding = feed(cluster, {
    ...options,
    messages,
    onProgress: (count) => {
      sent = count
    },
  })
  const drawing = drawUntil(finished.signal, async () => {
    await results.poll(redrawMs)
    const progress = await progressOf(cluster, applicationId)
    return {
      brokers,
      total: messages.length,
      sent,
      progress,
      results: results.received,
      rows: results.top(topRows),
      processors,
      chaos,
    }
  })
  chaos?.start()
  try {
    await feeding
    await chaos?.stop()
    if (options.signal.aborted) return false
    const canMove = (): boolean =>
      !options.signal.aborted && processors.some((processor) => processor.isRunning)
    await waitUntilDone(cluster, applicationId, canMove, () => {})
    return true
  } catch (error) {
    if (options.signal.aborted) return false
    throw error
  } finally {
    await chaos?.stop()
    finished.abort()
    await drawing
    await results.close()
  }
}

async function drawUntil(
  signal: AbortSignal,
  state: () => Promise<Parameters<typeof draw>[0]>,
): Promise<void> {
  const isTerminal = process.stdout.isTTY
  do {
    process.stdout.write(draw(await state(), isTerminal))
    if (!isTerminal) await wait(1_500, undefined, { signal }).catch(() => {})
  } while (!signal.aborted)
}
