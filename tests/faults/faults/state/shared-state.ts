import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import type { Fault } from '../../fault.ts'

const refusedMsMax = 5_000

/** The lock of the first is the second's end; the first notices nothing. */
export const sharedState: Fault = {
  number: 28,
  title: 'two processes, one state directory',
  how: 'the second ends within 5 s, not with 0, and names the lock',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    await using app = await Application.open({ run })
    app.feeder.start()
    await app.startAll('one')
    const one = app.member('one')
    const problems: string[] = []
    for (let round = 1; round <= run.rounds; round++) {
      const second = app.start('one')
      const { code } = await second.ended()
      const times = second.log().map(({ time }) => Date.parse(String(time)))
      const tookMs = Math.max(...times) - Math.min(...times)
      run.say(`round ${round}: the second ended with ${code} in ${tookMs} ms`)
      if (code === 0 || tookMs > refusedMsMax) problems.push(`ended with ${code} in ${tookMs} ms`)
      if (!second.text.includes('MILLRACE_STORE_LOCKED')) problems.push('it did not name the lock')
    }
    app.adopt('one', one)
    return await conclude(app, { rounds: run.rounds, problems })
  },
}
