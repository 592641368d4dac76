import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

/**
 * Nothing sent yet, all records written, or the offsets in the transaction too; and woken after the
 * others have committed, or as soon as they have its tasks.
 */
const moments = [
  { step: 'flush', wakes: 'after the take-over' },
  { step: 'commit', wakes: 'in the take-over' },
  { step: 'offsets', wakes: 'after the take-over' },
  { step: 'flush', wakes: 'in the take-over' },
  { step: 'commit', wakes: 'after the take-over' },
] as const
const backMsMax = 10_000

/**
 * A processor stands still in the middle of a commit until others have its tasks and have committed
 * them, then goes on as if nothing had been: what it still sends must count for nothing.
 */
export const zombie: Fault = {
  number: 3,
  title: 'a zombie: stopped past its session, then woken',
  how: 'SIGSTOP in its commit; SIGCONT in the middle of the take-over, or after it',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 5 },
  async run(run) {
    await using app = await Application.open({ run })
    app.feeder.start()
    await app.startAll('two', 'three')
    const firstCommitsMs: number[] = []
    const problems: string[] = []
    for (let round = 0; round < run.rounds; round++) {
      const { step, wakes } = moments[round % moments.length] as (typeof moments)[number]
      const plan = { step, at: between(app.random, 2, 5), signal: 'SIGSTOP' } as const
      const one = app.startCrashing('one', plan)
      await app.scene.until('the zombie stands still', () => one.said('struck').length > 0)
      if (wakes === 'in the take-over') await othersOpen(app)
      else firstCommitsMs.push(await firstCommits(app, performance.now()))

      const assigned = one.said('partitions assigned').length
      process.kill(Number(one.said('struck')[0]?.['pid']), 'SIGCONT')
      const wokenAtMs = performance.now()
      const isBack = () => !one.isRunning || one.said('partitions assigned').length > assigned
      await app.scene.until('the zombie is back in the group, or gone', isBack)
      const backMs = performance.now() - wokenAtMs
      if (backMs > backMsMax) problems.push(`the zombie was back after ${backMs.toFixed(0)} ms`)
      run.say(
        `round ${round + 1}: stood before ${step}, woken ${wakes}, back in ${backMs.toFixed(0)} ms`,
      )
      if (one.isRunning) await app.stop('one')
    }
    const firstCommitMsMax = app.takeOverMsMax
    const strikes = { rounds: run.rounds, firstCommitsMs, firstCommitMsMax, problems }
    return await conclude(app, strikes)
  },
}

/** Waits until a task was assigned to one of the others. */
async function othersOpen(app: Application): Promise<void> {
  const others = ['two', 'three'].map((name) => app.member(name))
  const assigned = () =>
    others.reduce((sum, each) => sum + each.said(/^(partitions assigned|a vanished)/).length, 0)
  const before = assigned()
  await app.scene.until('the others take over', () => assigned() > before)
}
