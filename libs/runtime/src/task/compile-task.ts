import { assert, unreachable } from '@millrace/errors'
import type { Whereabouts } from '@millrace/telemetry'
import type { Node, SinkNode, SubTopology, TaskId, Topology } from '@millrace/topology'
import type { ReleasedResults } from '../failure/released-results.ts'
import { repartitionTopic } from '../internal-topics/topic-names.ts'
import { LateOutput } from '../output/late-output.ts'
import type { SourceOfRecord } from '../output/late-record.ts'
import type { RecordCollector } from '../output/record-collector.ts'
import { SinkRunner } from '../output/sink-runner.ts'
import { TimeStamper } from '../output/time-stamper.ts'
import type { TaskTime } from '../time/task-time.ts'
import type { TimePlan } from '../time/time-plan.ts'
import { CompiledNode } from './compiled-node.ts'
import type { Effects, NodeCounts, Receiver } from './receiver.ts'
import { SourceRunner } from './source-runner.ts'

export interface CompileTaskOptions {
  readonly topology: Topology
  readonly subTopology: SubTopology
  readonly applicationId: string
  readonly taskId: TaskId
  readonly collector: RecordCollector
  readonly timePlan: TimePlan
  readonly time: TaskTime
  readonly markerIntervalMs?: number | undefined
  /** Where the record under way came from. */
  readonly currentSource: () => SourceOfRecord
  readonly effects: Effects
  readonly releases: ReleasedResults
  readonly isByIdleAdvance: (timeMs: number) => boolean
  readonly whereabouts: Whereabouts
}

/** The nodes of a task as objects that call each other. */
export interface CompiledTask {
  /** By real topic name. */
  readonly sources: ReadonlyMap<string, SourceRunner>
  /** In topological order. */
  readonly operators: readonly CompiledNode[]
  /** One for each repartition that carries time. */
  readonly stampers: readonly TimeStamper[]
  readonly counts: readonly (NodeCounts & Receiver)[]
}

/** Builds fresh processors for one task and wires them; `init` is left to the caller. */
export function compileTask(options: CompileTaskOptions): CompiledTask {
  const { topology, subTopology } = options
  const runners = new Map<string, NodeCounts & Receiver>()
  const sources = new Map<string, SourceRunner>()
  const operators: CompiledNode[] = []
  const stampers = new Map<string, TimeStamper>()
  const nodes = subTopology.nodes.map((name) => nodeOf(topology, name))

  for (const node of nodes) {
    switch (node.kind) {
      case 'source': {
        const runner = new SourceRunner(node.name)
        sources.set(realTopic(options, node.topic, node.isRepartition), runner)
        runners.set(node.name, runner)
        break
      }
      case 'processor': {
        const runner = new CompiledNode(node, {
          ...options,
          lateOutput: lateOutputOf(options, node),
        })
        operators.push(runner)
        runners.set(node.name, runner)
        break
      }
      case 'sink':
        runners.set(node.name, sinkRunner(options, node, stampers))
        break
      default:
        unreachable(node)
    }
  }
  for (const node of nodes) wire(node, runners)
  return { sources, operators, stampers: [...stampers.values()], counts: [...runners.values()] }
}

function wire(node: Node, runners: ReadonlyMap<string, NodeCounts & Receiver>): void {
  const runner = runners.get(node.name)
  if (!(runner instanceof SourceRunner || runner instanceof CompiledNode)) return
  for (const child of node.children) {
    const receiver = runners.get(child)
    assert(receiver, `node ${node.name} feeds ${child}, which is not in its sub-topology`)
    runner.children.push(receiver)
  }
}

function lateOutputOf(options: CompileTaskOptions, node: Node): LateOutput | null {
  if (node.kind !== 'processor' || node.late === undefined) return null
  const output = options.collector.topic(node.late.topic, options.taskId.partition)
  return new LateOutput(node.name, node.late, output, options.currentSource)
}

function sinkRunner(
  options: CompileTaskOptions,
  node: SinkNode,
  stampers: Map<string, TimeStamper>,
): SinkRunner {
  const { collector, taskId, timePlan, time } = options
  const output = collector.topic(
    realTopic(options, node.topic, node.isRepartition),
    taskId.partition,
  )
  const internal = new Set(
    options.subTopology.repartitionSources.map((name) => realTopic(options, name, true)),
  )
  const parts = { ...options, output, isInternal: (topic: string) => internal.has(topic) }
  if (!node.isRepartition || !timePlan.isStamped(node.topic))
    return new SinkRunner(node, { ...parts, stamper: null })
  const stamper =
    stampers.get(node.topic) ??
    new TimeStamper({ taskId, time, output, markerIntervalMs: options.markerIntervalMs ?? 1_000 })
  stampers.set(node.topic, stamper)
  return new SinkRunner(node, { ...parts, stamper })
}

function realTopic(options: CompileTaskOptions, topic: string, isRepartition: boolean): string {
  return isRepartition ? repartitionTopic(options.applicationId, topic) : topic
}

function nodeOf(topology: Topology, name: string): Node {
  const node = topology.nodes.get(name)
  assert(node, `node ${name} is not in the topology`)
  return node
}
