import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { deadLetterProblems, feedPoison } from '../../bed/poison.ts'
import type { Fault } from '../../fault.ts'

/**
 * A result that no record may be: a dead letter where there is a topic for it, else the processor
 * stops and names the record. It is never tried for ever.
 */
export const oversized: Fault = {
  number: 20,
  title: 'an output larger than the limit',
  how: 'without a dead-letter topic it stops at the record; with one the record goes there',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    await using app = await Application.open({ run, topology: 'guarded.ts' })
    const problems: string[] = []
    app.feeder.start()
    await app.startAll('one')
    for (let round = 1; round <= run.rounds; round++) {
      await feedPoison(app, 2, ['too large an output'])
      const one = app.member('one')
      const { code } = await one.ended()
      if (code !== 1) problems.push(`without a dead-letter topic it ended with ${code}`)
      if (!/MILLRACE_KAFKA_RECORD_REFUSED[^]*-in/.test(one.text))
        problems.push('it did not name the record')
      const env = { MILLRACE_DEAD_LETTER_TOPIC: app.scene.topic('dead') }
      await app.start('one', env).ready()
      await app.feeder.more(200)
      if (round < run.rounds) {
        await app.stop('one')
        await app.startAll('one')
      }
      run.say(`round ${round}: stopped at the record, then passed it to the dead letters`)
    }
    const outcome = await conclude(app, { rounds: run.rounds, problems })
    return { ...outcome, problems: [...outcome.problems, ...(await deadLetterProblems(app))] }
  },
}
