import { createStreamWorker, memoryBackends } from '@millrace/runtime'
import { createSimulatedCluster } from '@millrace/simulation'
import { SharedCounters, silentLogger } from '@millrace/telemetry'
import { systemClock } from '@millrace/time'
import flights from '../../services/processor/src/topologies/flights.ts'
import { feed } from './feeder.ts'
import { delayOf, demoMessages } from './messages.ts'
import { waitUntilDone } from './progress.ts'
import { report } from './report.ts'
import type { DemoOptions } from './run.ts'
import { createDemoTopics, demoTopics } from './topics.ts'
import { verify } from './verify.ts'

const printEveryMs = 1_000

/** The demo where no broker can run: the same engine on the simulated cluster, in this process. */
export async function runSimulatedDemo(options: DemoOptions): Promise<number> {
  const simulated = createSimulatedCluster({ clock: systemClock })
  const cluster = simulated.client()
  await createDemoTopics(cluster)
  const applicationId = 'flights-demo'
  const workers = [1, 2].map((number) =>
    createStreamWorker({
      topology: flights,
      applicationId,
      cluster: () => simulated.client(),
      backends: memoryBackends(),
      clock: systemClock,
      counters: new SharedCounters(),
      logger: silentLogger,
      deadLetterTopic: demoTopics.deadLetters,
      processId: `demo-${number}`,
    }),
  )
  for (const worker of workers) worker.start()
  await feed(cluster, {
    ...options,
    messages: demoMessages(delayOf(options.hoursPerSecond)),
    onProgress: () => {},
  })
  let printedAtMs = 0
  const canMove = (): boolean =>
    !options.signal.aborted && workers.some((worker) => worker.state !== 'failed')
  await waitUntilDone(cluster, applicationId, canMove, ({ written, committed }) => {
    if (performance.now() - printedAtMs < printEveryMs) return
    printedAtMs = performance.now()
    console.log(
      `committed ${committed.toLocaleString('en')} of ${written.toLocaleString('en')} records`,
    )
  })
  await Promise.all(workers.map((worker) => worker.stop()))
  return report(await verify(cluster, false))
}
