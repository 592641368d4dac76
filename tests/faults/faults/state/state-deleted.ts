import { rmSync } from 'node:fs'
import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import type { Fault } from '../../fault.ts'

/** The only processor loses its disk. */
export const stateDeleted: Fault = {
  number: 18,
  title: 'state on disk deleted',
  how: 'kill -9, delete the state directory, start again',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 5 },
  async run(run) {
    await using app = await Application.open({ run })
    app.feeder.start()
    await app.startAll('one')
    const firstCommitsMs: number[] = []
    const problems: string[] = []
    for (let round = 1; round <= run.rounds; round++) {
      await firstCommits(app, performance.now())
      await app.feeder.more(500)
      await app.kill('one')
      rmSync(app.scene.stateDirectory('one'), { recursive: true })
      const one = app.start('one')
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      const restored = one.said('restored from the changelog')
      const records = restored.reduce((sum, line) => sum + Number(line['restoredRecords']), 0)
      if (records === 0) problems.push('nothing was restored')
      run.say(`round ${round}: ${records} records restored, commits after ${tookMs.toFixed(0)} ms`)
    }
    return await conclude(app, { rounds: run.rounds, firstCommitsMs, problems })
  },
}
