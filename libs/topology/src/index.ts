export {
  type AsyncCalls,
  type CallContext,
  lookThroughOf,
} from './async-calls.ts'
export { buildTopology } from './build/build-topology.ts'
export { internalTopicName } from './build/names.ts'
export { canaryTopics, ownedTopicsOf, withCanary } from './canary.ts'
export { describe } from './describe/describe.ts'
export { describeMermaid } from './describe/describe-mermaid.ts'
export type { GlobalRows, GlobalTableSpec } from './global-table.ts'
export { loadTopology } from './load/load-topology.ts'
export type {
  ExtractedFrom,
  LateTopic,
  Node,
  ProcessorNode,
  SinkNode,
  SourceNode,
  TimestampExtractor,
} from './node.ts'
export { type EffectKind, effectIdHeader } from './node.ts'
export { type ResolvedPartitions, resolvePartitions } from './partitions/partitions.ts'
export { upstreamOf } from './partitions/upstream.ts'
export { comparePlans, type PlanDifference } from './plan/compare-plans.ts'
export {
  fingerprint,
  type Plan,
  type PlannedNode,
  type PlannedRepartition,
  type PlannedStore,
  planOf,
} from './plan/plan.ts'
export type {
  Collector,
  DropReason,
  LateRecord,
  OperatorTime,
  Processor,
  ProcessorContext,
} from './processor.ts'
export type { CancelPunctuation, Punctuate, PunctuationSchedule } from './punctuation.ts'
export { formatTaskId, type TaskId } from './task-id.ts'
export type { RepartitionSpec, SubTopology, Topology } from './topology.ts'
export type { Freshness, ViewSpec } from './view.ts'
