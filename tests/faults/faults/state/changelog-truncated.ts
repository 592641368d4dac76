import { rmSync } from 'node:fs'
import { alterTopic } from '../../bed/alter-topic.ts'
import { Application, partitions } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { decided, drained } from '../../bed/progress.ts'
import type { Fault, FaultRun } from '../../fault.ts'

/** A backup that has lost what the state needs: no state is made of the rest without being asked. */
export const changelogTruncated: Fault = {
  number: 17,
  title: 'changelog truncated, made anew, of another partition count',
  how: 'deleteRecords above the recorded position; delete and create: refused with the remedy',
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    const problems: string[] = []
    let outcome = await truncated(run, problems)
    for (let round = 2; round <= run.rounds; round++) outcome = await truncated(run, problems)
    return { ...outcome, rounds: run.rounds, problems: [...outcome.problems, ...problems] }
  },
}

/** `one` was away while `two` went on; then the changelog loses what `one` has not read. */
async function truncated(run: FaultRun, problems: string[]) {
  await using app = await Application.open({ run })
  app.feeder.start()
  await app.startAll('one')
  await app.feeder.more(400)
  await app.stop('one')
  await app.startAll('two')
  await app.feeder.more(400)
  await app.feeder.stop()
  await drained(app)
  await app.stop('two')
  await decided(app, ['folds-changelog'])
  const { cluster } = app.scene
  const all = Array.from({ length: partitions }, (_, partition) => ({
    topic: app.scene.topic('folds-changelog'),
    partition,
  }))
  const ends = await cluster.listOffsets(all, 'latest', 'read_uncommitted')
  const changelog = app.scene.topic('folds-changelog')
  // Kafka lets nobody delete records of a topic that is compacted only.
  await alterTopic(run.brokers, changelog, 'cleanup.policy=[compact,delete]')
  // All but the last transaction's marker, up to which `two` has recorded that it is.
  const before = ends.map((end) => ({ ...end, offset: end.offset - 1 }))
  await cluster.admin.deleteRecords(before)
  await alterTopic(run.brokers, changelog, 'cleanup.policy=compact')
  await refused(app, 'truncated', problems)
  run.say('truncated: refused')

  // Whose state has all of it goes on.
  rmSync(app.scene.stateDirectory('one'), { recursive: true })
  await app.startAll('two')
  const outcome = await conclude(app, { rounds: 1 })

  // The processor makes the missing topic, and finds its own state ahead of it.
  await cluster.admin.deleteTopics([changelog])
  await refused(app, 'made anew', problems, 'two')
  await cluster.admin.deleteTopics([changelog])
  await app.scene.create('folds-changelog', partitions - 1)
  await refused(app, 'of another partition count', problems, 'two')
  run.say('made anew, and of another partition count: refused')
  return outcome
}

async function refused(
  app: Application,
  what: string,
  problems: string[],
  name = 'one',
): Promise<void> {
  const processor = app.start(name)
  const { code } = await processor.ended(60_000)
  if (code !== 1) problems.push(`with a changelog ${what} it ended with ${code}`)
  const isNamed = /MILLRACE_RUNTIME_(CHANGELOG_TRUNCATED|INTERNAL_TOPIC)/.test(processor.text)
  if (!isNamed || !/Stop every instance/.test(processor.text)) {
    problems.push(`with a changelog ${what} the remedy was not named:\n${processor.tail()}`)
  }
  await app.stop(name)
}
