import { join } from 'node:path'
import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import type { Fault } from '../../fault.ts'

/** A function of the topology does not return for twice the session time-out. */
export const blockingCode: Fault = {
  number: 27,
  title: 'user code blocks for 20 s',
  how: 'the function that picks the key waits; its process stays in the group, or comes back',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    await using app = await Application.open({ run, topology: 'blocking.ts' })
    app.feeder.start()
    await app.startAll('one', 'two')
    const firstCommitsMs: number[] = []
    const problems: string[] = []
    for (let round = 1; round <= run.rounds; round++) {
      for (const name of app.members.keys()) await app.stop(name)
      const flag = join(app.scene.dir, `blocked-${round}`)
      const blocked = app.start('one', { FAULT_BLOCK_ONCE: flag, FAULT_BLOCK_MS: '20000' })
      await app.startAll('two')
      const isBlocked = () => blocked.said('partitions assigned').length > 0
      await app.scene.until('it is in the group', isBlocked)
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      await blocked.ready()
      run.say(`round ${round}: blocked, all commit after ${tookMs.toFixed(0)} ms`)
      if (!blocked.isRunning) problems.push('the blocked process ended')
    }
    return await conclude(app, { rounds: run.rounds, firstCommitsMs, problems })
  },
}
