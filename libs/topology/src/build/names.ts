import { MillraceError } from '@millrace/errors'

const legalName = /^[a-zA-Z0-9._-]+$/
/** Kafka's `Topic.MAX_NAME_LENGTH`. */
const lengthMax = 249

/** Kafka's rule for topic names (`Topic.validate`); throws `MILLRACE_TOPOLOGY_NAME_INVALID`. */
export function checkName(what: string, name: string, max = lengthMax): void {
  if (typeof name === 'string' && name.length <= max && legalName.test(name)) {
    if (name !== '.' && name !== '..') return
  }
  throw new MillraceError('MILLRACE_TOPOLOGY_NAME_INVALID', {
    message: `the ${what} '${name}' cannot be the name of a topic or part of it`,
  })
}

/** `<app>-<store>-changelog` or `<app>-<name>-repartition`, as Kafka Streams names them. */
export function internalTopicName(
  applicationId: string,
  name: string,
  kind: 'changelog' | 'repartition',
): string {
  const topic = `${applicationId}-${name}-${kind}`
  checkName('internal topic', topic)
  return topic
}
