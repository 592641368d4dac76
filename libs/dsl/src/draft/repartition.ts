import { dropNullKeys } from '@millrace/operators'
import { internalSerde } from '@millrace/record'
import type { StreamPart } from './stream-part.ts'

/**
 * A repartition topic to be made for a stream, once, when the first operator needs it. A grouping
 * keeps it, so that two aggregations of one grouped stream share the topic.
 */
export class Repartition<K, V> {
  readonly #part: StreamPart<K, V>
  readonly #options: { readonly name: string; readonly partitions: number | undefined }
  readonly #neededBy: string[] = []
  #after: StreamPart<K, V> | undefined

  constructor(
    part: StreamPart<K, V>,
    options: { readonly name: string; readonly partitions: number | undefined },
  ) {
    this.#part = part
    this.#options = options
  }

  /** The stream behind the topic, with every record that was there before it. */
  through(): StreamPart<K, V> {
    this.#after ??= this.#insert(this.#part.from)
    return this.#after
  }

  /** The same for what is kept in a store and has no null keys before the topic. */
  forTable(store: string): StreamPart<K, V> {
    this.#neededBy.push(store)
    return this.through()
  }

  /** The stream behind the topic for an aggregation, which takes no null keys. */
  forAggregation(store: string): StreamPart<K, V> {
    this.#neededBy.push(store)
    if (!this.#after) {
      const { draft, from } = this.#part
      const name = `${this.#options.name}-keyed`
      const keyed = draft.addProcessor(
        { operator: 'dropNullKeys', name, supplier: () => dropNullKeys() },
        from,
      )
      this.#after = this.#insert([keyed])
    }
    return this.#after
  }

  #insert(from: readonly string[]): StreamPart<K, V> {
    const { draft, rekeyedBy, key, value } = this.#part
    const { name, partitions } = this.#options
    const edge = {
      topic: name,
      isRepartition: true,
      keySerde: internalSerde(key),
      valueSerde: internalSerde(value),
    }
    draft.addRepartition({
      name,
      partitionCount: partitions,
      why: () => whyText(rekeyedBy, this.#neededBy),
    })
    draft.addSink({ ...edge, name: `${name}-sink` }, from)
    const source = draft.addSource({ ...edge, name: `${name}-source` })
    return { draft, from: [source], key, value, rekeyedBy: undefined }
  }
}

function whyText(rekeyedBy: string | undefined, neededBy: readonly string[]): string {
  if (neededBy.length === 0) return 'repartition() in the topology asks for it'
  const needed = neededBy.join(' and ')
  return `${rekeyedBy} changed the keys, and ${needed} must find all records of a key in one partition`
}
