import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { firstCommits } from '../../bed/progress.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

/**
 * Nothing sent yet, all records written, or the offsets in the transaction too; and woken after the
 * others have committed, or while they take over: to come back, or to send EndTxn and be gone.
 */
const moments = [
  { step: 'flush', wakes: 'after the take-over' },
  { step: 'commit', wakes: 'in the take-over, and killed' },
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
      const isKilled = wakes === 'in the take-over, and killed'
      // At-least-once there is no EndTxn to end with.
      const hasLastWords = isKilled && app.guarantee === 'exactly_once'
      const signal = hasLastWords ? 'last-words' : 'SIGSTOP'
      const plan = { step, at: between(app.random, 2, 5), signal } as const
      const one = app.startCrashing('one', plan)
      await app.scene.until('the zombie stands still', () => one.said('struck').length > 0)
      if (wakes === 'after the take-over') {
        firstCommitsMs.push(await firstCommits(app, performance.now()))
      } else await othersOpen(app)

      const assigned = one.said('partitions assigned').length
      process.kill(Number(one.said('struck')[0]?.['pid']), 'SIGCONT')
      if (isKilled) {
        if (hasLastWords) await app.died('one')
        else {
          const hasTried = () => !one.isRunning || one.said('partitions lost').length > 0
          await app.scene.until('the zombie has tried to commit', hasTried)
          await app.kill('one')
        }
        // What its successors do again shows only in what they commit.
        await firstCommits(app, performance.now())
        run.say(`round ${round + 1}: stood before ${step}, woken ${wakes}`)
        continue
      }
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

/** Waits until one of the others was given partitions: an assignment of nothing new says nothing. */
async function othersOpen(app: Application): Promise<void> {
  const others = ['two', 'three'].map((name) => app.member(name))
  const given = () =>
    others.flatMap((each) => each.said('partitions assigned')).filter(isOfSomething).length
  const before = given()
  await app.scene.until('the others take over', () => given() > before)
  // A moment: they have asked for the committed offsets by then.
  await app.feeder.more(between(app.random, 20, 100))
}

function isOfSomething({ assigned }: { readonly [field: string]: unknown }): boolean {
  return Array.isArray(assigned) && assigned.length > 0
}
