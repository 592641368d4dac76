import { setTimeout as wait } from 'node:timers/promises'
import { feed } from '../demo/feeder.ts'
import { delayOf, demoMessages } from '../demo/messages.ts'
import { progressOf, waitUntilDone } from '../demo/progress.ts'
import { createDemoTopics, demoTopics } from '../demo/topics.ts'
import type { ConnectedBroker } from '../kafka/connect.ts'
import { type BuiltImage, type Container, cliCommand, healthCheckCommand } from './image-tool.ts'

/** What a container of the image did beside a broker. */
export interface Trial {
  /** `id -u` in it. */
  readonly userId: string
  /** Exit code of its health check while it ran. */
  readonly healthCheckCode: number
  /** Exit code of `millrace --help` in it. */
  readonly cliCode: number
  /** Whether it could write beside its state: it must not. */
  readonly canWriteSources: boolean
  readonly recordsCommitted: number
  /** Exit code after SIGTERM. */
  readonly exitCode: number
}

const flights = 2_000
const readyMsMax = 90_000

/** Runs the image on some of the demo's flights until all are committed, then stops it. */
export async function tryImage(
  image: BuiltImage,
  { cluster, brokers }: Pick<ConnectedBroker, 'cluster' | 'brokers'>,
  port: number,
): Promise<Trial> {
  const applicationId = `image-${process.pid}`
  await createDemoTopics(cluster)
  const container = await image.start({
    MILLRACE_KAFKA_BROKERS: brokers,
    MILLRACE_APPLICATION_ID: applicationId,
    MILLRACE_TOPOLOGY: 'services/processor/src/topologies/flights.ts',
    MILLRACE_DEAD_LETTER_TOPIC: demoTopics.deadLetters,
    MILLRACE_HTTP_HOST: '127.0.0.1',
    MILLRACE_HTTP_PORT: String(port),
  })
  let found: Omit<Trial, 'exitCode'> | undefined
  try {
    await untilReady(container, port)
    await feed(cluster, {
      messages: demoMessages(delayOf(Number.POSITIVE_INFINITY)).slice(0, flights),
      hoursPerSecond: Number.POSITIVE_INFINITY,
      onProgress: () => {},
      signal: new AbortController().signal,
    })
    await waitUntilDone(cluster, applicationId, container.isRunning, () => {})
    found = {
      userId: (await container.run(['id', '-u'])).output.trim(),
      healthCheckCode: (await container.run(healthCheckCommand)).code,
      cliCode: (await container.run([...cliCommand, '--help'])).code,
      canWriteSources: (await container.run(['touch', '/app/written'])).code === 0,
      recordsCommitted: (await progressOf(cluster, applicationId)).committed,
    }
  } catch (error) {
    throw new Error(`the container did not do its work; its log:\n${container.log()}`, {
      cause: error,
    })
  } finally {
    const exitCode = await container.stop()
    if (found) Object.assign(found, { exitCode })
  }
  return found as Trial
}

async function untilReady(container: Container, port: number): Promise<void> {
  const deadlineMs = performance.now() + readyMsMax
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    if (!container.isRunning()) throw new Error('it has ended')
    if (performance.now() > deadlineMs) throw new Error(`not ready within ${readyMsMax} ms`)
    await wait(200)
  }
}
