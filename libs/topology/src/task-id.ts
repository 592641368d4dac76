/** A task is one sub-topology at one partition number; written `0_3` as in Kafka Streams. */
export interface TaskId {
  readonly subTopology: number
  readonly partition: number
}

export function formatTaskId(id: TaskId): string {
  return `${id.subTopology}_${id.partition}`
}
