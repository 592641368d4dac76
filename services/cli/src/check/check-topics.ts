import type { Config } from '@millrace/config'
import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import {
  configProblems,
  countProblems,
  externalTopicsOf,
  outputTopicsOf,
  planTopics,
  type TopicSet,
} from '@millrace/runtime'
import { formatDuration } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import { createCommand, topicSetOptions } from '../topics/needed-topics.ts'
import { attempt, type Finding, failed, fault, ok, warning } from './finding.ts'

/** Topics that are missing, of a wrong size, or set so that results or state would be lost. */
export async function checkTopics(
  cluster: Cluster,
  config: Config,
  topology: Topology,
): Promise<readonly Finding[]> {
  const options = topicSetOptions(config, topology)
  const external = externalTopicsOf(options)
  const found = await cluster.metadata(external)
  const counts = new Map([...found].map(([topic, { partitionCount }]) => [topic, partitionCount]))
  const bootstrap = config.brokers.join(',')
  const findings: Finding[] = external.map((topic) => {
    const count = counts.get(topic)
    if (count !== undefined) return ok('topics', `${topic} has ${count} partitions`)
    const command = createCommand({ topic, partitionCount: 6 }, bootstrap)
    return fault('topics', `${topic} does not exist`, `Create it: ${command}`)
  })
  if (counts.size < external.length) return findings

  let planned: TopicSet
  try {
    planned = planTopics(options, counts)
  } catch (error) {
    return [...findings, failed('partitions', error)]
  }
  const written = outputTopicsOf(options)
  return [
    ...findings,
    ...(await checkInternal(cluster, planned)),
    ...(await attempt('retention', () => checkRetention(cluster, topology, planned.sourceTopics))),
    ...(await attempt('outputs', () => checkOutputs(cluster, written, config.deadLetterTopic))),
    ...(await checkReplicas(cluster, [...external, ...planned.internal.map((each) => each.topic)])),
  ]
}

async function checkInternal(cluster: Cluster, planned: TopicSet): Promise<readonly Finding[]> {
  const found = await cluster.metadata(planned.internal.map(({ topic }) => topic))
  const all = planned.internal.map((topic) =>
    attempt('internal topics', async () => {
      const made = found.get(topic.topic)
      if (made === undefined) return [ok('internal topics', `${topic.topic} is made at the start`)]
      const problems = [
        ...countProblems(topic, made.partitionCount),
        ...configProblems(topic, await cluster.admin.topicConfigs(topic.topic)),
      ]
      if (problems.length === 0) return [ok('internal topics', `${topic.topic} is as it must be`)]
      return problems.map(({ message, remedy }) => fault('internal topics', message, remedy))
    }),
  )
  return (await Promise.all(all)).flat()
}

/** A source that forgets sooner than a window closes loses what a restart has to read again. */
async function checkRetention(
  cluster: Cluster,
  topology: Topology,
  sources: readonly string[],
): Promise<readonly Finding[]> {
  const windows = [...topology.stores.values()].flatMap(({ window }) => window ?? [])
  const openMs = Math.max(0, ...windows.map(({ sizeMs, graceMs }) => sizeMs + graceMs))
  const findings: Finding[] = []
  for (const topic of sources) {
    const configs = await readableConfigs(cluster, topic)
    if (configs === null) {
      findings.push(unreadable('retention', topic))
      continue
    }
    const retentionMs = Number(configs.get('retention.ms') ?? -1)
    const isDeleted = configs.get('cleanup.policy')?.includes('delete') ?? false
    if (!isDeleted || retentionMs < 0) {
      findings.push(ok('retention', `${topic} keeps its records`))
    } else if (retentionMs < openMs) {
      findings.push(
        warning(
          'retention',
          `${topic} keeps records for ${formatDuration(retentionMs)}, windows are open for ${formatDuration(openMs)}`,
          `Keep them longer: kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config retention.ms=${2 * openMs}`,
        ),
      )
    } else
      findings.push(ok('retention', `${topic} keeps records for ${formatDuration(retentionMs)}`))
  }
  return findings
}

async function checkOutputs(
  cluster: Cluster,
  topics: readonly string[],
  deadLetterTopic: string | null,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const topic of topics) {
    const configs = await readableConfigs(cluster, topic)
    if (configs === null) {
      findings.push(unreadable('outputs', topic))
      continue
    }
    const alter = `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config`
    if (configs.get('message.timestamp.type') === 'LogAppendTime') {
      findings.push(
        warning(
          'outputs',
          `${topic} replaces event times by the time of writing`,
          `${alter} message.timestamp.type=CreateTime`,
        ),
      )
    }
    if (topic === deadLetterTopic && configs.get('cleanup.policy')?.includes('compact') === true) {
      findings.push(
        fault(
          'outputs',
          `${topic} is compacted: records without a key are refused, others replace each other`,
          `${alter} cleanup.policy=delete`,
        ),
      )
    }
  }
  return findings.length > 0 ? findings : [ok('outputs', `${topics.length} topics can be written`)]
}

/** Null where this user may not read them. A processor does without those of its sources. */
async function readableConfigs(
  cluster: Cluster,
  topic: string,
): Promise<ReadonlyMap<string, string> | null> {
  try {
    return await cluster.admin.topicConfigs(topic)
  } catch (error) {
    if (isMillraceError(error) && error.code === 'MILLRACE_KAFKA_AUTHORIZATION') return null
    throw error
  }
}

function unreadable(check: string, topic: string): Finding {
  const remedy = 'To have them checked, grant DescribeConfigs, or check as another user.'
  return warning(check, `the settings of ${topic} may not be read`, remedy)
}

async function checkReplicas(
  cluster: Cluster,
  topics: readonly string[],
): Promise<readonly Finding[]> {
  const made = [...(await cluster.metadata(topics)).keys()]
  const factors = await Promise.all(
    made.map(async (topic) => [topic, await cluster.admin.replicationFactor(topic)] as const),
  )
  const few = factors.filter(([, factor]) => factor < 3)
  if (few.length === 0) return [ok('replication', 'every topic has three replicas or more')]
  const list = few.map(([topic, factor]) => `${topic} (${factor})`).join(', ')
  return [
    warning(
      'replication',
      `fewer than three replicas: ${list}`,
      'A broker that dies takes data with it. Raise the replication of the topics, and set MILLRACE_INTERNAL_REPLICATION_FACTOR=3 before internal topics are made.',
    ),
  ]
}
