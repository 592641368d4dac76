// `millrace/testing`: proves a topology without a broker.
export {
  createTestDriver,
  type DeadLetter,
  type DroppedCounts,
  type InputTopic,
  type LateCounts,
  type OutputRecord,
  type OutputTopic,
  type PipeOptions,
  type StoreEntry,
  type StoreView,
  type TestDriverOptions,
  type TopicSerdes,
  type TopologyTestDriver,
} from '@millrace/testing'
