export type { ClusterUnderTest, ConformanceOptions } from './cluster-under-test.ts'
export { runClusterConformance } from './run-cluster-conformance.ts'
export type { TestFunctions } from './suite.ts'
export { type Feature, features, type Supports } from './supports.ts'
