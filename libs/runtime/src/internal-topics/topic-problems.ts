import { type ChangelogTopicProblem, checkChangelogTopic } from '@millrace/store'
import type { InternalTopic } from './topic-set.ts'

/** Why an internal topic that exists does not serve. */
export interface TopicProblem {
  readonly message: string
  readonly remedy: string
}

export function countProblems(topic: InternalTopic, found: number | undefined): TopicProblem[] {
  if (found === topic.partitionCount) return []
  return [
    {
      message: `${topic.kind} topic ${topic.topic} has ${found ?? 0} partitions, the topology needs ${topic.partitionCount}`,
      remedy: `Stop every instance, delete the topic (kafka-topics --delete --topic ${topic.topic}) and reset the application, or restore the partition count of its sources.`,
    },
  ]
}

/** Settings that were not told are not judged. */
export function configProblems(
  topic: InternalTopic,
  configs: ReadonlyMap<string, string>,
): TopicProblem[] {
  const problems =
    topic.kind === 'canary'
      ? []
      : topic.kind === 'changelog'
        ? checkChangelogTopic(topic.topic, configs)
        : checkKept(topic, configs)
  return problems.map(({ config, found, problem, remedy }) => ({
    message: `${topic.kind} topic ${topic.topic} has ${config}=${found}: ${problem}`,
    remedy,
  }))
}

/** Nothing may leave these topics before it was read. */
function checkKept(
  topic: InternalTopic,
  configs: ReadonlyMap<string, string>,
): ChangelogTopicProblem[] {
  const wanted =
    topic.kind === 'plan'
      ? { 'cleanup.policy': 'compact' }
      : { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
  return Object.entries(wanted).flatMap(([config, value]) => {
    const found = configs.get(config)
    if (found === undefined || found === value) return []
    const remedy = `kafka-configs --alter --entity-type topics --entity-name ${topic.topic} --add-config ${config}=${value}`
    return [{ config, found, problem: 'Records could be deleted before they are read.', remedy }]
  })
}
