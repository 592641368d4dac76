import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

/** One of three processors is killed at a random moment, again and again. */
export const killAtRandom: Fault = {
  number: 1,
  title: 'kill -9 at random',
  how: 'one of three processors, at a moment that the seed decides',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 30 },
  async run(run) {
    await using app = await Application.open({ run, commitIntervalMs: 1_000 })
    const names = ['one', 'two', 'three']
    app.feeder.start()
    await app.startAll(...names)
    const firstCommitsMs: number[] = []
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(between(app.random, 50, 1_500))
      const name = names[between(app.random, 0, names.length)] ?? 'one'
      const struckAtMs = performance.now()
      await app.kill(name)
      const tookMs = await firstCommits(app, struckAtMs)
      firstCommitsMs.push(tookMs)
      run.say(
        `round ${round}: ${name} killed, ${app.feeder.fed} fed, back in ${tookMs.toFixed(0)} ms`,
      )
      app.start(name)
      await app.member(name).ready()
    }
    const firstCommitMsMax = app.takeOverMsMax
    return await conclude(app, { rounds: run.rounds, firstCommitsMs, firstCommitMsMax })
  },
}
