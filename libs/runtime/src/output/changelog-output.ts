import type { SealedChanges } from '@millrace/store'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import { changelogTopic } from '../internal-topics/topic-names.ts'
import type { RecordCollector } from './record-collector.ts'

export interface ChangelogOutputOptions {
  readonly applicationId: string
  readonly definition: TaskDefinition
  readonly collector: RecordCollector
}

/** Writes the changes of a task's stores to their changelogs. */
export class ChangelogOutput {
  /** Written so far, by store. */
  readonly counts = new Map<string, number>()
  readonly #options: ChangelogOutputOptions

  constructor(options: ChangelogOutputOptions) {
    this.#options = options
  }

  append({ stores }: SealedChanges): void {
    const { applicationId, definition, collector } = this.#options
    for (const store of stores) {
      const total = this.counts.get(store.name) ?? 0
      this.counts.set(store.name, total + store.records.length)
      const topic = changelogTopic(applicationId, store.name)
      for (const { key, value, timestampMs, headers } of store.records) {
        collector.producer.append(topic, definition.id.partition, key, value, timestampMs, headers)
      }
    }
  }
}
