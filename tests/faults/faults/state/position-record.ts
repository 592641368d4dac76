import { renameSync } from 'node:fs'
import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { overwrite, readEntry, taskDirectory } from '../../bed/state-files.ts'
import type { Fault } from '../../fault.ts'

const positions = '\0positions'

/** What says how far a state goes, and whose it is, is wrong; the rows beside it are good. */
export const positionRecord: Fault = {
  number: 16,
  title: 'position record missing, torn, or of another task',
  how: 'the record is deleted, cut in half, and the states of two tasks change places',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 4 },
  async run(run) {
    await using app = await Application.open({ run })
    const problems: string[] = []
    app.feeder.start()
    await app.startAll('one')
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(400)
      await app.kill('one')
      const dirOf = (task: string): string => taskDirectory(app, 'one', task)
      await overwrite(dirOf('1_0'), positions, null)
      const record = await readEntry(dirOf('1_1'), positions)
      await overwrite(dirOf('1_1'), positions, record.subarray(0, record.length / 2))
      renameSync(dirOf('1_2'), dirOf('aside'))
      renameSync(dirOf('1_3'), dirOf('1_2'))
      renameSync(dirOf('aside'), dirOf('1_3'))
      await app.startAll('one')
      const told = app.member('one').said(/is deleted and restored/)
      for (const task of ['1_0', '1_1', '1_2', '1_3']) {
        if (!told.some((line) => line['task'] === task)) problems.push(`${task} was not noticed`)
      }
      if (told.some(({ task }) => task === '1_4')) problems.push('a sound state was given up')
      run.say(`round ${round}: ${told.length} of 4 states were found and restored`)
    }
    return await conclude(app, { rounds: run.rounds, problems, mayWipe: true })
  },
}
