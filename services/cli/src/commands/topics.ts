import { applicationOf, withCluster } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { createCommand, neededTopics, topicSetOptions } from '../topics/needed-topics.ts'

/** Prints the topics of the application that are missing, as commands that make them. */
export const topics: Command = {
  name: 'topics',
  usage: '[--partitions <n>] [--topology <file>] [--json]',
  summary:
    'Prints what topics are missing, as kafka-topics.sh commands; processors make the internal ones themselves where they may.',

  async run(args, terminal) {
    const options = readOptions(args, { ...common, partitions: { type: 'string', default: '6' } })
    const assumedCount = Number(options.partitions)
    if (!Number.isInteger(assumedCount) || assumedCount < 1)
      throw new UsageError(`--partitions ${options.partitions} is not a number of partitions`)
    const { config, topology } = await applicationOf(terminal, options.topology)
    const bootstrap = config.brokers.join(',')
    const needed = await withCluster(config, (cluster) =>
      neededTopics(cluster, topicSetOptions(config, topology), assumedCount),
    )
    if (options.json) {
      terminal.out(JSON.stringify({ command: 'topics', ...needed }))
      return 0
    }
    const missing = needed.external.filter(({ partitionCount }) => partitionCount === null)
    const toMake = needed.internal.filter(({ exists }) => !exists)
    if (missing.length + toMake.length === 0) terminal.out('# Every topic is there.')
    for (const { topic } of missing) {
      terminal.out(`# read or written by the topology; ${assumedCount} partitions assumed`)
      terminal.out(createCommand({ topic, partitionCount: assumedCount }, bootstrap))
    }
    for (const topic of toMake) {
      terminal.out(`# ${topic.kind}, made by the processors where they may create topics`)
      terminal.out(createCommand(topic, bootstrap))
    }
    return 0
  },
}
