import { readLog } from '../oracle/read-log.ts'
import type { LogRecord } from '../oracle/record-batches.ts'
import type { Application } from './application.ts'

/** Nothing that `topologies/guarded.ts` lets pass. */
export const poisons = {
  'bad JSON': '{"item": ',
  'wrong schema': '{"id":-1,"item":7,"n":1}',
  'too large an output': '{"id":-1,"item":"huge","n":1}',
} as const

export type Poison = keyof typeof poisons

/** Writes poison to a partition of the input, every third record without a key. */
export async function feedPoison(
  app: Application,
  partition: number,
  kinds: readonly Poison[],
): Promise<void> {
  const producer = app.scene.cluster.producer({})
  try {
    kinds.forEach((kind, i) => {
      const key = i % 3 === 2 ? null : Buffer.from('poison')
      const value = Buffer.from(poisons[kind])
      producer.append(app.scene.topic('in'), partition, key, value, Date.now(), [])
    })
    await producer.flush()
  } finally {
    await producer.close()
  }
}

export function isPoison(value: Buffer | null): boolean {
  try {
    const reading = JSON.parse(String(value)) as { id?: unknown }
    return typeof reading.id !== 'number' || reading.id < 0
  } catch {
    return true
  }
}

/** Every poisoned record stands in the dead-letter topic once, with its place in the headers. */
export async function deadLetterProblems(app: Application): Promise<string[]> {
  const { scene, transport } = app
  const input = await readLog(transport, scene.topic('in'))
  const expected = input.flatMap(({ records }, partition) =>
    records
      .filter(({ value }) => isPoison(value))
      .map(({ offset }) => `${scene.topic('in')}-${partition}@${offset}`),
  )
  const dead = await readLog(transport, scene.topic('dead'))
  const found = dead.flatMap(({ records }) => records.map(placeOf))
  const missing = expected.filter((place) => !found.includes(place))
  const surplus = found.filter((place, i) => !expected.includes(place) || found.indexOf(place) < i)
  return [
    ...missing.map((place) => `no dead letter for ${place}`),
    ...surplus.map((place) => `a dead letter too many for ${place}`),
    ...(expected.length === 0 ? ['no poison was fed'] : []),
  ]
}

/** The names are Kafka Streams' (KIP-1034). */
function placeOf({ headers }: LogRecord): string {
  const text = (name: string): string =>
    String(headers.find(([each]) => each === `__streams.errors.${name}`)?.[1])
  return `${text('topic')}-${text('partition')}@${text('offset')}`
}
