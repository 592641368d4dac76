import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

/** A third member comes and goes while the others are in the middle of their transactions. */
export const rebalance: Fault = {
  number: 4,
  title: 'rebalance while a transaction is open',
  how: 'a third processor joins, takes its share, and leaves again',
  guarantee: 'exactly_once',
  rounds: { short: 2, full: 12 },
  async run(run) {
    await using app = await Application.open({ run })
    app.feeder.start()
    await app.startAll('one', 'two')
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(between(app.random, 50, 500))
      const three = app.start('three')
      await app.scene.until('it has tasks', () => three.said('task running').length > 0)
      await app.feeder.more(between(app.random, 50, 500))
      // Every other time it goes without a word.
      if (round % 2 === 0) await app.kill('three')
      else await app.stop('three')
      run.say(`round ${round}: joined and ${round % 2 === 0 ? 'killed' : 'left'}`)
    }
    return await conclude(app, { rounds: run.rounds })
  },
}
