export type { Api, CoordinatorKind, Requests } from './api.ts'
export {
  type Call,
  type FaultAfter,
  type FaultBefore,
  type FaultInjector,
  noFaults,
} from './faults/faults.ts'
export { type FaultRates, randomFaults } from './faults/random-faults.ts'
export type { CompactOptions } from './log/compact.ts'
export type { StoredRecord } from './log/read-records.ts'
export { type Random, seededRandom } from './prng.ts'
export type { SimulatedClusterOptions } from './settings.ts'
export {
  type ClientOptions,
  createSimulatedCluster,
  type NewRecord,
  SimulatedCluster,
  type TopicOptions,
} from './simulated-cluster.ts'
export type { SimulatedTransport } from './simulated-transport.ts'
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.ts'
