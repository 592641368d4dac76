import { MillraceError } from '@millrace/errors'
import type { TopicMetadata } from '../../ports/cluster.ts'
import { errorFor } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import type { Connection } from '../connection.ts'
import { isMissing, noLeader, type TopicEntry } from './topic-metadata.ts'

/** Fresh entries of the topics that exist; one attempt. */
export async function fetchTopics(
  connection: Connection,
  topics: Iterable<string>,
): Promise<ReadonlyMap<string, TopicEntry>> {
  const wanted = new Set(topics)
  if (wanted.size === 0) return new Map()
  await connection.metadata.refresh(wanted)
  const entries = new Map<string, TopicEntry>()
  for (const topic of wanted) {
    const entry = connection.metadata.topic(topic)
    if (entry === undefined || isMissing(entry)) continue
    if (entry.errorCode !== kafkaError.NONE)
      throw errorFor(entry.errorCode, `metadata of topic ${topic}`)
    entries.set(topic, entry)
  }
  return entries
}

/** A fresh entry of one topic that must exist. */
export async function topicEntry(connection: Connection, topic: string): Promise<TopicEntry> {
  const entry = (await fetchTopics(connection, [topic])).get(topic)
  if (entry === undefined)
    throw new MillraceError('MILLRACE_KAFKA_TOPIC_MISSING', {
      message: `topic ${topic} does not exist`,
    })
  return entry
}

/** See `Cluster.metadata`. One attempt. */
export async function topicMetadata(
  connection: Connection,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicMetadata>> {
  const counts = new Map<string, TopicMetadata>()
  for (const [topic, entry] of await fetchTopics(connection, topics)) {
    counts.set(topic, { topic, partitionCount: entry.leaders.length })
  }
  return counts
}

/** Whether a partition of the topic, of so many at least, has no leader yet. */
export function leaderless(entry: TopicEntry | undefined, partitionCount: number): boolean {
  return (
    entry === undefined || entry.leaders.length < partitionCount || entry.leaders.includes(noLeader)
  )
}
