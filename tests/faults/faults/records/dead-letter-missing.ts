import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { deadLetterProblems, feedPoison } from '../../bed/poison.ts'
import type { Fault } from '../../fault.ts'

/** A record with nowhere to go stops the processor: it is never dropped. */
export const deadLetterMissing: Fault = {
  number: 21,
  title: 'dead-letter topic missing',
  how: 'deleted under a running processor, then missing at its start; after it is back, all is there',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    await using app = await Application.open({ run, topology: 'guarded.ts' })
    const dead = app.scene.topic('dead')
    const env = { MILLRACE_DEAD_LETTER_TOPIC: dead }
    const problems: string[] = []
    app.feeder.start()
    await app.start('one', env).ready()
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(100)
      await app.scene.cluster.admin.deleteTopics([dead])
      await feedPoison(app, 1, ['bad JSON'])
      const { code } = await app.member('one').ended(90_000)
      if (code !== 1) problems.push(`with the topic deleted it ended with ${code}`)
      if (!app.member('one').text.includes(dead)) problems.push('it did not name the topic')

      const refused = await app.start('one', env).ended(60_000)
      if (refused.code !== 1) problems.push(`at the start it ended with ${refused.code}`)
      await app.scene.create('dead', 1)
      await app.start('one', env).ready()
      run.say(`round ${round}: stopped, refused to start, and went on when the topic was back`)
    }
    const outcome = await conclude(app, { rounds: run.rounds, problems })
    const letters = run.rounds === 1 ? await deadLetterProblems(app) : []
    return { ...outcome, problems: [...outcome.problems, ...letters] }
  },
}
