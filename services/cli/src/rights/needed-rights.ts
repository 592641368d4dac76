import type { Config } from '@millrace/config'
import { externalTopicsOf, planTopics, settledLettersTopic, skipsTopic } from '@millrace/runtime'
import type { Topology } from '@millrace/topology'

export interface Right {
  readonly resource: 'topic' | 'group' | 'transactional-id'
  readonly name: string
  readonly isPrefix: boolean
  /** As `kafka-acls` spells them. `Describe` comes with Read and Write. */
  readonly operations: readonly string[]
  readonly why: string
}

/**
 * What a processor must be allowed to do, and nothing else. Which rights a request asks for stands
 * in Kafka's "Authorization and ACLs"; idempotent writing needs no right of its own (KIP-679).
 */
export function neededRights(config: Config, topology: Topology): readonly Right[] {
  const { applicationId, deadLetterTopic } = config
  const options = {
    topology,
    applicationId,
    ...(deadLetterTopic !== null && { deadLetterTopic }),
  }
  const external = externalTopicsOf(options)
  // Counts decide nothing here but must be equal where they are compared.
  const { internal, sourceTopics } = planTopics(
    options,
    new Map(external.map((topic) => [topic, 1])),
  )
  const globals = [...topology.globalTables.values()].map(({ topic }) => topic)
  const read = new Set([...sourceTopics, ...globals])
  const written = new Set(external.filter((topic) => isWritten(topology, topic, deadLetterTopic)))
  const topic = (name: string, operations: readonly string[], why: string): Right => ({
    resource: 'topic',
    name,
    isPrefix: false,
    operations,
    why,
  })
  return [
    ...external.map((name) => {
      const isRead = read.has(name)
      const isOutput = written.has(name)
      const why = isRead ? (isOutput ? 'source and output' : 'source') : 'output'
      const forOutput = isOutput ? ['Write', 'DescribeConfigs'] : []
      // The oldest letter that waits is looked for.
      const reads = isRead || name === deadLetterTopic
      return topic(name, [...(reads ? ['Read'] : []), ...forOutput], why)
    }),
    ...internal.map(({ topic: name, kind }) => {
      // Records of a repartition are deleted once every reader has committed them.
      const purge = kind === 'repartition' ? ['Delete'] : []
      return topic(name, ['Create', 'Read', 'Write', 'DescribeConfigs', ...purge], kind)
    }),
    topic(skipsTopic(applicationId), ['Read'], 'records that an operator has passed over'),
    ...(deadLetterTopic === null
      ? []
      : [topic(settledLettersTopic(applicationId), ['Read'], 'what became of dead letters')]),
    {
      resource: 'group',
      name: applicationId,
      isPrefix: false,
      operations: ['Read'],
      why: 'consumer group',
    },
    ...(config.guarantee === 'exactly_once'
      ? [
          {
            resource: 'transactional-id' as const,
            name: `${applicationId}-`,
            isPrefix: true,
            operations: ['Write', 'Describe'],
            why: 'one transactional producer per worker thread',
          },
        ]
      : []),
  ]
}

function isWritten(topology: Topology, topic: string, deadLetterTopic: string | null): boolean {
  if (topic === deadLetterTopic) return true
  for (const node of topology.nodes.values()) {
    if (node.kind === 'sink' && !node.isRepartition && node.topic === topic) return true
    if (node.kind === 'processor' && node.late?.topic === topic) return true
  }
  return false
}

/** One `kafka-acls` command for each right. */
export function aclCommand(right: Right, principal: string, bootstrap: string): string {
  return [
    `kafka-acls.sh --bootstrap-server ${bootstrap} --add`,
    `--allow-principal ${quoted(principal)}`,
    ...right.operations.map((operation) => `--operation ${operation}`),
    `--${right.resource} ${quoted(right.name)}`,
    ...(right.isPrefix ? ['--resource-pattern-type prefixed'] : []),
  ].join(' ')
}

function quoted(text: string): string {
  return /^[\w.:=,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
