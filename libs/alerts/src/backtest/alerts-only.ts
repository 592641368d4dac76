import { MillraceError } from '@millrace/errors'
import { string } from '@millrace/record'
import { buildTopology, type Node, type Topology } from '@millrace/topology'
import { alertEventSerde } from '../alert-event.ts'

/** The topic that all events of `alertsOnly` go to. */
export const backtestTopic = 'alerts-backtest'

const sinkName = 'sink-alerts-backtest'

/**
 * What a topology's alert rules need, and nothing else: no output, no sink, no effect. All events go to
 * `backtestTopic`. Throws `MILLRACE_ALERTS_RULE_INVALID` where it has no rules.
 */
export function alertsOnly(topology: Topology): Topology {
  const all = [...topology.nodes.values()]
  const rules = all.filter((node) => node.kind === 'processor' && node.operator === 'alert')
  if (rules.length === 0) {
    throw new MillraceError('MILLRACE_ALERTS_RULE_INVALID', {
      message: 'the topology has no alert rules to be run over history',
    })
  }
  const kept = upstreamOf(all, rules)
  const nodes = all
    .filter((node) => kept.has(node.name))
    .map((node): Node => {
      const isRule = rules.includes(node)
      const children = node.children.filter((child) => kept.has(child))
      return { ...node, children: isRule ? [...children, sinkName] : children }
    })
  nodes.push({
    kind: 'sink',
    name: sinkName,
    topic: backtestTopic,
    isRepartition: false,
    keySerde: string,
    valueSerde: alertEventSerde,
    children: [],
  })
  const used = (of: (node: Node) => readonly string[]) => new Set(nodes.flatMap(of))
  const stores = used((node) => (node.kind === 'processor' ? node.stores : []))
  const tables = used((node) => (node.kind === 'processor' ? (node.globalTables ?? []) : []))
  const repartitions = used((node) => {
    return node.kind !== 'processor' && node.isRepartition ? [node.topic] : []
  })
  return buildTopology(
    nodes,
    [...topology.stores.values()].filter(({ name }) => stores.has(name)),
    [...topology.repartitions.values()].filter(({ name }) => repartitions.has(name)),
    [...topology.globalTables.values()].filter(({ name }) => tables.has(name)),
  )
}

/** These nodes and all that feed them, through repartitions too. */
function upstreamOf(all: readonly Node[], from: readonly Node[]): ReadonlySet<string> {
  const kept = new Set<string>()
  const open = [...from]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (kept.has(node.name)) continue
    kept.add(node.name)
    for (const other of all) if (feeds(other, node)) open.push(other)
  }
  return kept
}

function feeds(upper: Node, lower: Node): boolean {
  if (upper.children.includes(lower.name)) return true
  const isCrossing = upper.kind === 'sink' && lower.kind === 'source' && lower.isRepartition
  return isCrossing && upper.isRepartition && upper.topic === lower.topic
}
