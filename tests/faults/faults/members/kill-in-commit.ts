import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import { between } from '../../bed/random.ts'
import type { Fault, FaultRun } from '../../fault.ts'

/**
 * `commit` comes after all records and offsets are in the transaction and before EndTxn is sent;
 * `answer` after EndTxn was decided and before its answer is seen; the others stand beside them.
 */
const steps = ['commit', 'answer', 'offsets', 'apply', 'flush', 'publish', 'seal'] as const

/**
 * A processor dies at a named step of a commit. In the first half of the rounds others take its
 * tasks, and the end of its transaction, over; in the second it is alone, and comes back to its own.
 */
export const killInCommit: Fault = {
  number: 2,
  title: 'kill -9 between produce and EndTxn, and before its answer',
  how: `at each step of a commit in turn: ${steps.join(', ')}; taken over, and back on its own state`,
  guarantee: 'exactly_once',
  rounds: { short: 2, full: 14 },
  async run(run) {
    await using app = await Application.open({ run })
    app.feeder.start()
    await app.startAll('two', 'three')
    const takenOver = Math.ceil(run.rounds / 2)
    const firstCommitsMs: number[] = []
    for (let round = 0; round < takenOver; round++) {
      const step = await die(app, run, round)
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      run.say(`round ${round + 1}: died before ${step}, taken over in ${tookMs.toFixed(0)} ms`)
    }
    if (run.rounds > takenOver) await Promise.all([app.stop('two'), app.stop('three')])
    for (let round = 0; round < run.rounds - takenOver; round++) {
      const step = await die(app, run, round)
      app.start('one')
      const tookMs = await firstCommits(app, performance.now())
      firstCommitsMs.push(tookMs)
      await app.stop('one')
      run.say(
        `round ${takenOver + round + 1}: died before ${step}, back in ${tookMs.toFixed(0)} ms`,
      )
    }
    if (app.members.size === 0) await app.startAll('one')
    const firstCommitMsMax = app.takeOverMsMax
    return await conclude(app, { rounds: run.rounds, firstCommitsMs, firstCommitMsMax })
  },
}

async function die(app: Application, { guarantee }: FaultRun, round: number): Promise<string> {
  // Without a transaction there is no EndTxn.
  const own = steps.filter((step) => step !== 'answer' || guarantee === 'exactly_once')
  const step = own[round % own.length] as (typeof steps)[number]
  app.startCrashing('one', { step, at: between(app.random, 2, 5), signal: 'SIGKILL' })
  await app.died('one')
  return step
}
