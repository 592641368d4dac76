import { createHash } from 'node:crypto'
import type { StoreSpec } from '@millrace/store'
import type { Node, ProcessorNode } from '../node.ts'
import { upstreamOf } from '../partitions/upstream.ts'
import type { Topology } from '../topology.ts'

/**
 * A topology as plain JSON, to be kept beside the state and compared with the next release's
 * (`comparePlans`).
 */
export interface Plan {
  /** Of this document, not of the topology. */
  readonly format: 1
  readonly stores: readonly PlannedStore[]
  readonly repartitions: readonly PlannedRepartition[]
  readonly nodes: readonly PlannedNode[]
}

export interface PlannedStore {
  readonly name: string
  readonly kind: StoreSpec['kind']
  readonly keySerde: string
  readonly valueSerde: string
  readonly version: number
  readonly window: { readonly sizeMs: number; readonly graceMs: number } | null
  /** What its operators do with it: verb and detail. */
  readonly operators: readonly string[]
  /** Names the task directories, and with the partition the changelog partition. */
  readonly subTopology: number
  /** What its sub-topology reads. */
  readonly topics: readonly string[]
  readonly repartitions: readonly string[]
}

export interface PlannedRepartition {
  readonly name: string
  readonly partitionCount: number | null
  readonly keySerde: string
  readonly valueSerde: string
  readonly writtenBy: number
}

export interface PlannedNode {
  readonly name: string
  /** Verb and detail of an operator; the topic of a source or sink. */
  readonly what: string
  readonly children: readonly string[]
  /** Not part of the fingerprint. */
  readonly functionTexts: readonly string[]
}

/** The plan of a topology; equal topologies give equal documents. */
export function planOf(topology: Topology): Plan {
  return {
    format: 1,
    stores: [...topology.stores.values()].map((spec) => plannedStore(topology, spec)),
    repartitions: [...topology.repartitions.values()].map(({ name, partitionCount }) => ({
      name,
      partitionCount: partitionCount ?? null,
      ...repartitionSerdes(topology, name),
      writtenBy: upstreamOf(topology, name).id,
    })),
    nodes: [...topology.nodes.values()].map((node) => ({
      name: node.name,
      what: whatOf(node),
      children: [...node.children],
      functionTexts: node.kind === 'processor' ? (node.functionTexts ?? []).map(onOneLine) : [],
    })),
  }
}

/**
 * SHA-256, in hex, of the plan as canonical JSON without the functions' texts: structure and store
 * versions. Equal fingerprints: the state fits.
 */
export function fingerprint(topology: Topology | Plan): string {
  const plan = 'format' in topology ? topology : planOf(topology)
  const nodes = plan.nodes.map((node) => ({ ...node, functionTexts: [] }))
  return createHash('sha256')
    .update(canonicalJson({ ...plan, nodes }))
    .digest('hex')
}

/** Verb and detail of an operator. */
export function operatorText({ operator, detail }: ProcessorNode): string {
  return detail === undefined ? operator : `${operator} (${detail})`
}

function whatOf(node: Node): string {
  if (node.kind === 'processor') return operatorText(node)
  return `${node.kind} ${node.isRepartition ? 'repartition ' : ''}${node.topic}`
}

function plannedStore(topology: Topology, spec: StoreSpec): PlannedStore {
  const users = [...topology.nodes.values()].filter(
    (node): node is ProcessorNode => node.kind === 'processor' && node.stores.includes(spec.name),
  )
  const sub = topology.subTopologies.find(({ stores }) => stores.includes(spec.name))
  return {
    name: spec.name,
    kind: spec.kind,
    keySerde: spec.keySerde.name,
    valueSerde: spec.valueSerde.name,
    version: spec.version,
    window: spec.window ? { sizeMs: spec.window.sizeMs, graceMs: spec.window.graceMs } : null,
    operators: users.map(operatorText),
    subTopology: sub?.id ?? -1,
    topics: sub?.sourceTopics ?? [],
    repartitions: sub?.repartitionSources ?? [],
  }
}

function repartitionSerdes(
  topology: Topology,
  name: string,
): { readonly keySerde: string; readonly valueSerde: string } {
  for (const node of topology.nodes.values()) {
    if (node.kind === 'source' && node.isRepartition && node.topic === name) {
      return { keySerde: node.keySerde.name, valueSerde: node.valueSerde.name }
    }
  }
  return { keySerde: '', valueSerde: '' }
}

/** Formatting alone, and types that were stripped, make no other function. */
function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`)
  return `{${members.join(',')}}`
}
