import type { Record } from '@millrace/record'
import type { NodeCounts, Receiver } from './receiver.ts'
import type { RecordIntake } from './record-intake.ts'

/** A source of the task: its queue, where its records go, and who tells of time on them. */
export interface Source {
  readonly index: number
  readonly runner: SourceRunner
  readonly intake: RecordIntake | null
  /** The next offset that is not simply to be processed; Infinity where none is known. */
  markedOffset: number
}

/** Hands the records of a source topic to the first operators. */
export class SourceRunner implements Receiver, NodeCounts {
  readonly name: string
  readonly children: Receiver[] = []
  received = 0
  completed = 0
  failed = 0

  constructor(name: string) {
    this.name = name
  }

  receive(record: Record<unknown, unknown>): void {
    this.received++
    const children = this.children
    for (let index = 0; index < children.length; index++)
      (children[index] as Receiver).receive(record)
    this.completed++
  }
}
