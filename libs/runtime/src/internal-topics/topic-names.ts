import { internalTopicName, type SubTopology } from '@millrace/topology'

export function changelogTopic(applicationId: string, store: string): string {
  return internalTopicName(applicationId, store, 'changelog')
}

export function repartitionTopic(applicationId: string, name: string): string {
  return internalTopicName(applicationId, name, 'repartition')
}

/** The log of decisions that the machine's clock had a part in; one topic for the application. */
export function decisionsTopic(applicationId: string): string {
  return `${applicationId}-decisions`
}

/** The plan that ran last; one record, see `KeptPlans`. */
export function planTopic(applicationId: string): string {
  return `${applicationId}-plan`
}

/** Records that an operator has passed over; see `SkipRecord`. */
export function skipsTopic(applicationId: string): string {
  return `${applicationId}-skips`
}

/** What became of dead letters, by their positions; see `millrace dlq`. */
export function settledLettersTopic(applicationId: string): string {
  return `${applicationId}-dlq-settled`
}

/** Real names of the topics a sub-topology reads, in the order of a task's sources. */
export function sourceTopicsOf(applicationId: string, sub: SubTopology): readonly string[] {
  const repartitions = sub.repartitionSources.map((name) => repartitionTopic(applicationId, name))
  return [...sub.sourceTopics, ...repartitions]
}
