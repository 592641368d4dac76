import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Serde, Topology } from 'millrace'

/** A folder of this one: a topology, the records that go in, and what comes out. */
export interface Example {
  readonly name: string
  readonly topology: Topology
  readonly input: readonly ExampleInput[]
  readonly settings: { readonly deadLetterTopic?: string }
}

/** A line of `input.jsonl`. */
export interface ExampleInput {
  /** Event time, `hh:mm:ss` of one day. */
  readonly at: string
  readonly topic: string
  readonly key: string | null
  readonly value?: unknown
  /** In place of `value`: the bytes, where they are not what the topology reads. */
  readonly raw?: string
}

const dayMs = Date.UTC(2026, 0, 5)

export function exampleNames(): readonly string[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => /^\d\d-/.test(name))
    .toSorted()
}

export async function readExample(name: string): Promise<Example> {
  const path = (file: string) => join(import.meta.dirname, name, file)
  const { default: topology } = (await import(path('topology.ts'))) as { default: Topology }
  const lines = readFileSync(path('input.jsonl'), 'utf8').trimEnd().split('\n')
  const input = lines.map((line) => JSON.parse(line) as ExampleInput)
  const settings = existsSync(path('settings.json'))
    ? (JSON.parse(readFileSync(path('settings.json'), 'utf8')) as Example['settings'])
    : {}
  return { name, topology, input, settings }
}

export function readExpected(name: string): string {
  return readFileSync(join(import.meta.dirname, name, 'expected.txt'), 'utf8')
}

/** Milliseconds since the epoch. */
export function timestampOf({ at }: ExampleInput): number {
  const [hours = 0, minutes = 0, seconds = 0] = at.split(':').map(Number)
  return dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1_000
}

/** The value of an input line as the topology's serde writes it. */
export function valueBytes({ value, raw }: ExampleInput, serde: Serde<unknown>): Buffer | null {
  if (raw !== undefined) return Buffer.from(raw)
  return value === null || value === undefined ? null : serde.serialize(value)
}

export interface TopicSerdes {
  readonly key: Serde<unknown>
  readonly value: Serde<unknown>
}

/** What a topology reads and writes outside, with the serdes of each topic. */
export function topicsOf({ topology, settings }: Example) {
  const read = new Map<string, TopicSerdes>()
  const written = new Map<string, TopicSerdes>()
  for (const node of topology.nodes.values()) {
    if (node.kind === 'processor') {
      const { late } = node
      if (late) written.set(late.topic, { key: late.keySerde, value: late.valueSerde })
    } else if (!node.isRepartition) {
      const topics = node.kind === 'source' ? read : written
      topics.set(node.topic, { key: node.keySerde, value: node.valueSerde })
    }
  }
  return { read, written, dead: settings.deadLetterTopic }
}

interface Line {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestampMs: number
}

/** `09:00:10  views  /home = {"visitor":"ann"}` */
export function lineOf({ topic, key, value, timestampMs }: Line): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `${clockOf(timestampMs)}  ${topic}  ${keyText(key)} = ${text}`
}

function keyText(key: unknown): string {
  if (typeof key !== 'object' || key === null) return String(key)
  const { key: bare, window } = key as { key: string; window: { startMs: number; endMs: number } }
  return `${bare} [${clockOf(window.startMs)}, ${clockOf(window.endMs)}]`
}

function clockOf(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(11, 19)
}
