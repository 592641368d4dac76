// Parts of topologies, for tests.

import { json, string } from '@millrace/record'
import type { StoreSpec } from '@millrace/store'
import type { ProcessorNode, SinkNode, SourceNode } from './node.ts'
import type { RepartitionSpec } from './topology.ts'

const serdes = { keySerde: string, valueSerde: json() }

export function source(topic: string, children: readonly string[] = []): SourceNode {
  return {
    kind: 'source',
    name: `source-${topic}`,
    topic,
    isRepartition: false,
    children,
    ...serdes,
  }
}

export function sink(topic: string): SinkNode {
  return {
    kind: 'sink',
    name: `sink-${topic}`,
    topic,
    isRepartition: false,
    children: [],
    ...serdes,
  }
}

export function repartitionSource(topic: string, children: readonly string[]): SourceNode {
  return { ...source(topic, children), isRepartition: true }
}

export function repartitionSink(topic: string): SinkNode {
  return { ...sink(topic), isRepartition: true }
}

export function processor(
  name: string,
  children: readonly string[] = [],
  options: Partial<ProcessorNode> = {},
): ProcessorNode {
  const supplier = () => ({ process() {} })
  return { kind: 'processor', name, operator: 'count', supplier, stores: [], children, ...options }
}

export function store(name: string, options: Partial<StoreSpec> = {}): StoreSpec {
  return { name, kind: 'key-value', version: 1, why: `${name} counts`, ...serdes, ...options }
}

export function repartition(name: string, partitionCount?: number): RepartitionSpec {
  return { name, partitionCount, why: `${name} is needed` }
}
