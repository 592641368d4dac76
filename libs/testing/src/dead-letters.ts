import { headerText } from '@millrace/record'
import type { SimulatedCluster } from '@millrace/simulation'

/** A record that could not be read or processed, and why. */
export interface DeadLetter {
  /** Where it came from. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** The error's code and message. */
  readonly code: string
  readonly message: string
  /** As they came. */
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** All records of the dead-letter topic, with what their headers say. */
export function readDeadLetters(cluster: SimulatedCluster, topic: string): DeadLetter[] {
  return cluster.readAll(topic).map(({ key, value, headers }) => {
    const text = (name: string) => headerText(headers, `__streams.errors.${name}`) ?? ''
    return {
      topic: text('topic'),
      partition: Number(text('partition')),
      offset: Number(text('offset')),
      code: text('exception'),
      message: text('message'),
      key,
      value,
    }
  })
}
