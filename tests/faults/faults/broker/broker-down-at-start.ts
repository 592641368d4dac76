import { startBroker } from '../../../../tools/kafka/broker.ts'
import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import type { Fault } from '../../fault.ts'

const flowMsMax = 30_000

/** The processor is there before the broker: it waits, says that it is not ready, and lives. */
export const brokerDownAtStart: Fault = {
  number: 9,
  title: 'broker down at start',
  how: 'the processor is started first; it runs within 30 s of the broker',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    await using broker = await startBroker()
    await using app = await Application.open({ run: { ...run, brokers: broker.brokers } })
    const firstCommitsMs: number[] = []
    const problems: string[] = []
    app.feeder.start()
    for (let round = 1; round <= run.rounds; round++) {
      await broker.kill()
      const one = app.start('one')
      const isWaiting = () => one.said('waiting for a broker').length > 0
      await app.scene.until('it waits for a broker', isWaiting)
      const live = await one.get('/healthz')
      const ready = await one.get('/readyz')
      if (live.status !== 200) problems.push(`/healthz answered ${live.status} without a broker`)
      if (ready.status === 200) problems.push('/readyz answered 200 without a broker')
      await broker.restart()
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      run.say(`round ${round}: commits ${tookMs.toFixed(0)} ms after the broker came`)
      if (round < run.rounds) await app.stop('one')
    }
    const strikes = { rounds: run.rounds, firstCommitsMs, firstCommitMsMax: flowMsMax, problems }
    return await conclude(app, strikes)
  },
}
