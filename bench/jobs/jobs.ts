/** A job that both sides do: its name is that of its topology and of its program in Kafka Streams. */
export interface Job {
  readonly name: string
  /** What lies in the second topic. */
  readonly other?: 'table' | 'stream'
  /** The last result of each key, or all of them in no order. */
  readonly compares: 'last' | 'all'
}

export const jobs: readonly Job[] = [
  { name: 'windowed-count', compares: 'last' },
  { name: 'hopping-count', compares: 'last' },
  { name: 'session-count', compares: 'last' },
  { name: 'stream-table', other: 'table', compares: 'all' },
  { name: 'stream-stream', other: 'stream', compares: 'all' },
]
