import type { Clock } from '@millrace/time'
import type { GroupLogger, PartitionCounts } from './dependencies.ts'
import { Ticker } from './ticker.ts'

/**
 * Looks at intervals whether topics got more (or fewer) partitions than were assigned. Kafka tells
 * nobody: the group's leader has to notice and join again.
 */
export class TopicWatch {
  readonly #metadata: PartitionCounts
  readonly #logger: GroupLogger
  readonly #onChange: () => void
  readonly #ticker: Ticker
  #topics: readonly string[] = []
  #assignedCounts: ReadonlyMap<string, number> | null = null

  constructor(options: {
    readonly metadata: PartitionCounts
    readonly clock: Clock
    readonly intervalMs: number
    readonly logger: GroupLogger
    readonly onChange: () => void
  }) {
    this.#metadata = options.metadata
    this.#logger = options.logger
    this.#onChange = options.onChange
    this.#ticker = new Ticker(options.clock, options.intervalMs, () => this.#look())
  }

  /** Null counts: what the first look finds. */
  start(topics: readonly string[], assignedCounts: ReadonlyMap<string, number> | null): void {
    this.#topics = topics
    this.#assignedCounts = assignedCounts
    this.#ticker.start()
  }

  stop(): void {
    this.#ticker.stop()
  }

  async #look(): Promise<undefined> {
    const assignedCounts = this.#assignedCounts
    try {
      const counts = await this.#metadata.partitionCounts(this.#topics)
      if (assignedCounts !== this.#assignedCounts) return
      if (assignedCounts === null) this.#assignedCounts = counts
      else if (!areEqual(counts, assignedCounts)) this.#onChange()
    } catch (error) {
      this.#logger.debug({ err: error }, 'could not look up partition counts; looking again later')
    }
  }
}

function areEqual(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): boolean {
  return left.size === right.size && [...left].every(([topic, count]) => right.get(topic) === count)
}
