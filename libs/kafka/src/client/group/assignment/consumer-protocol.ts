import type { TopicPartition } from '@millrace/record'

/**
 * What a member says of itself in JoinGroup. Layout: ConsumerProtocolSubscription version 2, so
 * that Kafka's own tools read the group.
 */
export interface Subscription {
  readonly topics: readonly string[]
  readonly userData: Buffer
  readonly ownedPartitions: readonly TopicPartition[]
  /** The generation in which the owned partitions were assigned; -1 where it is not known. */
  readonly generation: number
}

/** What a member gets from the leader through SyncGroup. Layout: ConsumerProtocolAssignment. */
export interface Assignment {
  readonly partitions: readonly TopicPartition[]
  readonly userData: Buffer
}

const subscriptionVersion = 2
const assignmentVersion = 1

/*
 * Subscription => version:int16 [topic:string] userData:bytes [topic:string [partition:int32]]
 *                 generation:int32
 * Assignment   => version:int16 [topic:string [partition:int32]] userData:bytes
 */

export function encodeSubscription(subscription: Subscription): Buffer {
  const topics = [...subscription.topics].sort()
  return Buffer.concat([
    int16(subscriptionVersion),
    int32(topics.length),
    ...topics.map(string),
    bytes(subscription.userData),
    ...partitionsByTopic(subscription.ownedPartitions),
    int32(subscription.generation),
  ])
}

/** Reads every version: later ones only add fields at the end. Throws `RangeError` where bytes are missing. */
export function decodeSubscription(buffer: Buffer): Subscription {
  const reader = new Reader(buffer)
  const version = reader.int16()
  return {
    topics: reader.array(() => reader.string()),
    userData: reader.bytes(),
    ownedPartitions: version >= 1 ? readPartitions(reader) : [],
    generation: version >= 2 ? reader.int32() : -1,
  }
}

export function encodeAssignment(assignment: Assignment): Buffer {
  return Buffer.concat([
    int16(assignmentVersion),
    ...partitionsByTopic(assignment.partitions),
    bytes(assignment.userData),
  ])
}

/** An empty buffer, which coordinators hand to members that the leader left out, is no partitions. */
export function decodeAssignment(buffer: Buffer): Assignment {
  if (buffer.length === 0) return { partitions: [], userData: Buffer.alloc(0) }
  const reader = new Reader(buffer)
  reader.int16()
  return { partitions: readPartitions(reader), userData: reader.bytes() }
}

function partitionsByTopic(partitions: readonly TopicPartition[]): Buffer[] {
  const byTopic = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const numbers = byTopic.get(topic)
    if (numbers) numbers.push(partition)
    else byTopic.set(topic, [partition])
  }
  const parts = [int32(byTopic.size)]
  for (const topic of [...byTopic.keys()].sort()) {
    const numbers = (byTopic.get(topic) ?? []).sort((a, b) => a - b)
    parts.push(string(topic), int32(numbers.length), ...numbers.map(int32))
  }
  return parts
}

function readPartitions(reader: Reader): TopicPartition[] {
  const topics = reader.array(() => {
    const topic = reader.string()
    return reader.array(() => ({ topic, partition: reader.int32() }))
  })
  return topics.flat()
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

function string(value: string): Buffer {
  const encoded = Buffer.from(value)
  return Buffer.concat([int16(encoded.length), encoded])
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([int32(value.length), value])
}

class Reader {
  readonly #buffer: Buffer
  #position = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  int16(): number {
    this.#position += 2
    return this.#buffer.readInt16BE(this.#position - 2)
  }

  int32(): number {
    this.#position += 4
    return this.#buffer.readInt32BE(this.#position - 4)
  }

  string(): string {
    return this.#take(this.int16()).toString()
  }

  /** Null reads as empty. Copied: the answer it comes from is not kept alive by it. */
  bytes(): Buffer {
    return Buffer.from(this.#take(Math.max(0, this.int32())))
  }

  array<T>(element: () => T): T[] {
    const length = this.int32()
    // An element has at least two bytes: a length beyond that is damage, not a large group.
    if (length * 2 > this.#buffer.length - this.#position)
      throw new RangeError(`${length} elements`)
    return Array.from({ length: Math.max(0, length) }, element)
  }

  #take(length: number): Buffer {
    const end = this.#position + length
    if (length < 0 || end > this.#buffer.length) throw new RangeError(`${length} bytes`)
    const view = this.#buffer.subarray(this.#position, end)
    this.#position = end
    return view
  }
}
