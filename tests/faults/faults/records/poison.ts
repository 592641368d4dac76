import { Application, partitions } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { deadLetterProblems, feedPoison } from '../../bed/poison.ts'
import { between } from '../../bed/random.ts'
import type { Fault } from '../../fault.ts'

/** Bad records among the good, and kills among them: each becomes one dead letter. */
export const poison: Fault = {
  number: 19,
  title: 'poison records',
  how: 'bad JSON, wrong schema, no key, with kill -9 between: once each in the dead-letter topic',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 6 },
  async run(run) {
    await using app = await Application.open({ run, topology: 'guarded.ts' })
    const env = { MILLRACE_DEAD_LETTER_TOPIC: app.scene.topic('dead') }
    app.feeder.start()
    for (const name of ['one', 'two']) app.start(name, env)
    for (const member of app.members.values()) await member.ready()
    for (let round = 1; round <= run.rounds; round++) {
      for (let batch = 0; batch < 10; batch++) {
        const partition = between(app.random, 0, partitions)
        await feedPoison(app, partition, ['bad JSON', 'wrong schema', 'bad JSON'])
        await app.feeder.more(between(app.random, 10, 100))
      }
      await app.kill('one')
      await app.start('one', env).ready()
      run.say(`round ${round}: 30 poisoned records, one processor killed`)
    }
    const outcome = await conclude(app, { rounds: run.rounds })
    return { ...outcome, problems: [...outcome.problems, ...(await deadLetterProblems(app))] }
  },
}
