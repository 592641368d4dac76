import { MillraceError } from '@millrace/errors'
import type { Serde } from '@millrace/record'
import type { Topology } from '@millrace/topology'

/** How a topic's keys and values are written; what is left out, the topology says. */
export interface TopicSerdes<K, V> {
  readonly key?: Serde<K>
  readonly value?: Serde<V>
}

interface Known {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

/** The external topics that a topology reads, and those it writes, with their serdes. */
export class TopologyTopics {
  readonly sources = new Map<string, Known>()
  readonly outputs = new Map<string, Known>()

  constructor(topology: Topology) {
    for (const table of topology.globalTables.values()) add(this.sources, table)
    for (const node of topology.nodes.values()) {
      if (node.kind === 'processor') {
        if (node.late !== undefined) add(this.outputs, node.late)
      } else if (!node.isRepartition) {
        add(node.kind === 'source' ? this.sources : this.outputs, node)
      }
    }
  }

  /** Throws `MILLRACE_TESTING_TOPIC_UNKNOWN` for a topic that the topology does not read. */
  source<K, V>(topic: string, serdes: TopicSerdes<K, V>): Required<TopicSerdes<K, V>> {
    const known = this.sources.get(topic)
    if (known !== undefined) return withKnown(serdes, known)
    throw unknownTopic(`the topology does not read topic ${topic}`, this.sources.keys())
  }

  /** The serdes of any topic that exists; undefined for one that neither side knows. */
  written<K, V>(topic: string, serdes: TopicSerdes<K, V>): Required<TopicSerdes<K, V>> | undefined {
    const known = this.outputs.get(topic) ?? this.sources.get(topic)
    if (known !== undefined) return withKnown(serdes, known)
    const { key, value } = serdes
    return key === undefined || value === undefined ? undefined : { key, value }
  }
}

/** What the topology wrote a topic with has the types that the test names: nothing else knows them. */
function withKnown<K, V>(serdes: TopicSerdes<K, V>, known: Known): Required<TopicSerdes<K, V>> {
  const key = serdes.key ?? (known.key as Serde<K>)
  const value = serdes.value ?? (known.value as Serde<V>)
  return { key, value }
}

export function unknownTopic(message: string, known: Iterable<string>): MillraceError {
  return new MillraceError('MILLRACE_TESTING_TOPIC_UNKNOWN', {
    message: `${message}; there are ${[...known].toSorted().join(', ')}`,
  })
}

function add(
  topics: Map<string, Known>,
  node: {
    readonly topic: string
    readonly keySerde: Serde<unknown>
    readonly valueSerde: Serde<unknown>
  },
): void {
  const { topic, keySerde, valueSerde } = node
  if (!topics.has(topic)) topics.set(topic, { key: keySerde, value: valueSerde })
}
