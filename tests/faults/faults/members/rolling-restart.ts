import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import type { Fault } from '../../fault.ts'

const stopMsMax = 8_000

/** A deploy: each processor in turn is stopped in order and comes back on its own state. */
export const rollingRestart: Fault = {
  number: 6,
  title: 'rolling restart',
  how: 'SIGTERM to each of three processors in turn; exit code 0 within 8 s',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 10 },
  async run(run) {
    await using app = await Application.open({ run })
    const names = ['one', 'two', 'three']
    app.feeder.start()
    await app.startAll(...names)
    const problems: string[] = []
    for (let round = 1; round <= run.rounds; round++) {
      for (const name of names) {
        const { code, tookMs } = await app.stop(name)
        const took = `${name} ended with ${code} in ${tookMs.toFixed(0)} ms`
        if (code !== 0 || tookMs > stopMsMax) problems.push(took)
        run.say(`round ${round}: ${took}`)
        await app.startAll(name)
      }
    }
    return await conclude(app, { rounds: run.rounds, problems })
  },
}
