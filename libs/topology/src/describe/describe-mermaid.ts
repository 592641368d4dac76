import type { Node } from '../node.ts'
import { operatorText } from '../plan/plan.ts'
import type { Topology } from '../topology.ts'

/** The plan as a Mermaid flowchart: sub-topologies as boxes, topics between them. */
export function describeMermaid(topology: Topology): string {
  const ids = new Identifiers()
  const lines = ['flowchart LR']
  const topics = new Map<string, string>()
  const edges: string[] = []
  for (const sub of topology.subTopologies) {
    lines.push(`  subgraph sub${sub.id}["sub-topology ${sub.id}"]`)
    for (const name of sub.nodes) {
      const node = topology.nodes.get(name)
      if (!node) continue
      lines.push(`    ${ids.of(`node ${name}`)}${shape(node)}`)
      edges.push(...edgesOf(node, ids, topics), ...globalEdges(topology, node, ids, topics))
    }
    for (const name of sub.stores) {
      const why = topology.stores.get(name)?.why ?? ''
      lines.push(`    ${ids.of(`store ${name}`)}[(${label(`store ${name}`, why)})]`)
    }
    lines.push('  end')
  }
  for (const [topic, name] of topics) {
    const why = topic.startsWith('repartition ') ? topology.repartitions.get(name)?.why : undefined
    lines.push(`  ${ids.of(topic)}>${label(topic, why)}]`)
  }
  return `${[...lines, ...edges].join('\n')}\n`
}

function edgesOf(node: Node, ids: Identifiers, topics: Map<string, string>): string[] {
  const self = ids.of(`node ${node.name}`)
  const edges = node.children.map((child) => `  ${self} --> ${ids.of(`node ${child}`)}`)
  const topic = (name: string, isRepartition: boolean) => {
    const key = `${isRepartition ? 'repartition' : 'topic'} ${name}`
    topics.set(key, name)
    return ids.of(key)
  }
  if (node.kind === 'source') edges.push(`  ${topic(node.topic, node.isRepartition)} --> ${self}`)
  if (node.kind === 'sink') edges.push(`  ${self} --> ${topic(node.topic, node.isRepartition)}`)
  if (node.kind === 'processor') {
    for (const store of node.stores) edges.push(`  ${self} <--> ${ids.of(`store ${store}`)}`)
    if (node.late) edges.push(`  ${self} -. late .-> ${topic(node.late.topic, false)}`)
  }
  return edges
}

/** A global table is its topic: it belongs to no sub-topology. */
function globalEdges(
  topology: Topology,
  node: Node,
  ids: Identifiers,
  topics: Map<string, string>,
): string[] {
  const names = node.kind === 'processor' ? (node.globalTables ?? []) : []
  return names.map((name) => {
    const topic = topology.globalTables.get(name)?.topic ?? name
    topics.set(`topic ${topic}`, topic)
    return `  ${ids.of(`topic ${topic}`)} -. global table ${name} .-> ${ids.of(`node ${node.name}`)}`
  })
}

function shape(node: Node): string {
  if (node.kind === 'processor') return `[${label(node.name, operatorText(node))}]`
  return `([${label(node.name)}])`
}

/** Quotes would end the label; Mermaid knows them as entities. */
function label(title: string, small?: string): string {
  const text = small ? `${title}<br/><small>${small}</small>` : title
  return `"${text.replaceAll('"', '#quot;')}"`
}

/** Short identifiers that are safe in Mermaid, in the order of asking. */
class Identifiers {
  readonly #ids = new Map<string, string>()

  of(thing: string): string {
    const id = this.#ids.get(thing) ?? `n${this.#ids.size}`
    this.#ids.set(thing, id)
    return id
  }
}
