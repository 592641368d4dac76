import { startBroker } from '../../../../tools/kafka/broker.ts'
import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

const flowMsMax = 30_000

/** The only broker goes away, in order and killed in turn, and comes back with its data. */
export const brokerRestart: Fault = {
  number: 7,
  title: 'broker restarts and kills',
  how: 'restart and kill -9 of the broker in turn; flow again within 30 s of its return',
  guarantee: 'exactly_once',
  rounds: { short: 2, full: 10 },
  async run(run) {
    await using broker = await startBroker()
    await using app = await Application.open({ run: { ...run, brokers: broker.brokers } })
    app.feeder.start()
    await app.startAll('one', 'two')
    const firstCommitsMs: number[] = []
    const problems: string[] = []
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(between(app.random, 50, 1_000))
      const isKill = round % 2 === 0
      if (isKill) await broker.kill()
      await broker.restart()
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      const what = isKill ? 'killed' : 'restarted'
      run.say(`round ${round}: ${what}, commits again ${tookMs.toFixed(0)} ms after its return`)
      for (const [name, member] of app.members) {
        if (!member.isRunning) problems.push(`${name} did not outlive the broker`)
      }
    }
    const strikes = { rounds: run.rounds, firstCommitsMs, firstCommitMsMax: flowMsMax, problems }
    return await conclude(app, strikes)
  },
}
