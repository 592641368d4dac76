import type { MetadataAnswer } from '../../ports/transport.ts'
import { Closing } from '../closing.ts'
import { type Connection, createConnection } from '../connection.ts'
import { ManualClock } from '../group/testing/manual-clock.ts'
import { ScriptedTransport } from './scripted-transport.ts'

export interface Fixture {
  readonly script: ScriptedTransport
  readonly clock: ManualClock
  readonly closing: Closing
  readonly connection: Connection
  /** Leaders by topic and partition; change them to move a leader. */
  readonly leaders: { [topic: string]: number[] }
}

/** A connection to a scripted cluster that answers metadata from `leaders` and finds every coordinator at broker 1. */
export function connected(leaders: { [topic: string]: number[] }): Fixture {
  const script = new ScriptedTransport()
  const clock = new ManualClock()
  const closing = new Closing()
  const connection = createConnection({ transport: script.transport, clock, closing })
  script.always('metadata', (topics) => metadataAnswer(leaders, topics))
  script.always('findCoordinator', () => ({ errorCode: 0, nodeId: 1 }))
  script.always('initProducerId', () => ({ errorCode: 0, producerId: 7, producerEpoch: 0 }))
  return { script, clock, closing, connection, leaders }
}

export function metadataAnswer(
  leaders: { readonly [topic: string]: readonly number[] },
  topics: readonly string[] | null,
): MetadataAnswer {
  return {
    controllerId: 1,
    brokers: [1, 2].map((nodeId) => ({ nodeId, host: 'broker', port: 9092 })),
    topics: (topics ?? Object.keys(leaders)).map((topic) => ({
      topic,
      errorCode: leaders[topic] === undefined ? 3 : 0,
      partitions: (leaders[topic] ?? []).map((leaderId, partition) => ({
        partition,
        errorCode: 0,
        leaderId,
        leaderEpoch: 3,
        replicas: [1, 2],
      })),
    })),
  }
}
