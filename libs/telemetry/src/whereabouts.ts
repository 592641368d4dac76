/** What a number in the buffer stands for; sent once to whoever reads it. */
export type PlaceName =
  | { readonly kind: 'operator'; readonly id: number; readonly operator: string }
  | {
      readonly kind: 'source'
      readonly id: number
      readonly topic: string
      readonly partition: number
    }

/** Where a worker thread is. */
export interface Place {
  /** Null between two records. */
  readonly operator: string | null
  /** Null where no record is under way: at a commit, operators send what they held back. */
  readonly record: {
    readonly topic: string
    readonly partition: number
    readonly offset: number
  } | null
}

/** In place of an id: nowhere. */
const nowhere = 0
const slot = { operator: 0, source: 1, offset: 2 } as const

/**
 * Where a thread is, written by it before it calls the user's functions and read by another thread
 * when it turns no more. Three numbers in shared memory: cheap enough for every record and operator.
 */
export class Whereabouts {
  readonly buffer = new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT)
  readonly #slots = new Float64Array(this.buffer)
  readonly #ids = new Map<string, number>()
  readonly #onName: (name: PlaceName) => void

  /** `onName` is called once for each operator and source, before its number is written. */
  constructor(onName: (name: PlaceName) => void = () => {}) {
    this.#onName = onName
  }

  /** The number of an operator. */
  operatorId(operator: string): number {
    return this.#id(`operator ${operator}`, (id) => ({ kind: 'operator', id, operator }))
  }

  /** The number of a source partition. */
  sourceId(topic: string, partition: number): number {
    const name = `source ${topic} ${partition}`
    return this.#id(name, (id) => ({ kind: 'source', id, topic, partition }))
  }

  /** A record is taken up, by the source node that decodes it. */
  enterRecord(sourceId: number, offset: number, operatorId: number): void {
    const slots = this.#slots
    slots[slot.offset] = offset
    slots[slot.source] = sourceId
    slots[slot.operator] = operatorId
  }

  /** An operator takes over; returns whose turn it was, for `enterOperator` when it is done. */
  enterOperator(operatorId: number): number {
    const before = this.#slots[slot.operator] as number
    this.#slots[slot.operator] = operatorId
    return before
  }

  /** No record and no operator is under way. */
  leave(): void {
    this.enterRecord(nowhere, -1, nowhere)
  }

  #id(key: string, name: (id: number) => PlaceName): number {
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#ids.size + 1
      this.#ids.set(key, id)
      this.#onName(name(id))
    }
    return id
  }
}

/** The other side: reads where the writer of the buffer is. */
export class WhereaboutsReader {
  readonly #slots: Float64Array
  readonly #names = new Map<number, PlaceName>()

  constructor(buffer: SharedArrayBuffer) {
    this.#slots = new Float64Array(buffer)
  }

  learn(name: PlaceName): void {
    this.#names.set(name.id, name)
  }

  read(): Place {
    const operator = this.#names.get(this.#slots[slot.operator] as number)
    const source = this.#names.get(this.#slots[slot.source] as number)
    const offset = this.#slots[slot.offset] as number
    return {
      operator: operator?.kind === 'operator' ? operator.operator : null,
      record:
        source?.kind === 'source'
          ? { topic: source.topic, partition: source.partition, offset }
          : null,
    }
  }
}
