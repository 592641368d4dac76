import type { Serde, SerdeUse } from '@millrace/record'
import type { Topology } from '@millrace/topology'

interface Use extends SerdeUse {
  readonly serde: Serde<unknown>
}

/** Lets the serdes of all topics outside of Millrace's own ask for what they need: see `Serde`. */
export async function prepareSerdes(topology: Topology): Promise<void> {
  await Promise.all(usesOf(topology).map(async ({ serde, ...use }) => serde.prepare?.(use)))
}

function usesOf(topology: Topology): readonly Use[] {
  const uses: Use[] = []
  const add = (of: TopicSerdes, isWritten: boolean): void => {
    const { topic, keySerde, valueSerde } = of
    uses.push({ serde: keySerde, topic, part: 'key', isWritten })
    uses.push({ serde: valueSerde, topic, part: 'value', isWritten })
  }
  for (const table of topology.globalTables.values()) add(table, false)
  for (const node of topology.nodes.values()) {
    if (node.kind === 'processor') {
      if (node.late !== undefined) add(node.late, true)
    } else if (!node.isRepartition) add(node, node.kind === 'sink')
  }
  return uses
}

interface TopicSerdes {
  readonly topic: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
}
