import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { damages, taskDirectory } from '../../bed/state-files.ts'
import type { Fault } from '../../fault.ts'

/**
 * Damage in the last block of the log is what a kill can leave behind: LevelDB drops the end, and
 * the older state is a consistent one, whose tail comes from the changelog.
 */
const mayPass = /the log/

/** The files of five tasks are damaged, each in another way, while nobody has them open. */
export const corruptState: Fault = {
  number: 15,
  title: 'corrupt LevelDB',
  how: Object.keys(damages).join('; '),
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 4 },
  async run(run) {
    await using app = await Application.open({ run })
    const problems: string[] = []
    app.feeder.start()
    await app.startAll('one')
    for (let round = 1; round <= run.rounds; round++) {
      // Opening makes tables of the log, so each has both from the second time on.
      for (let i = 0; i < 2; i++) {
        await app.feeder.more(400)
        await app.stop('one')
        await app.startAll('one')
      }
      await app.feeder.more(800)
      await app.kill('one')
      Object.values(damages).forEach((damage, i) => damage(taskDirectory(app, 'one', `1_${i}`)))
      await app.startAll('one')
      const told = app.member('one').said(/is deleted and restored/)
      Object.keys(damages).forEach((damage, i) => {
        const isTold = told.some(({ task }) => task === `1_${i}`)
        if (!isTold && !mayPass.test(damage)) problems.push(`${damage}: it was not noticed`)
      })
      run.say(`round ${round}: ${told.length} of 5 damaged states were found and restored`)
    }
    return await conclude(app, { rounds: run.rounds, problems, mayWipe: true })
  },
}
