import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isUnresolved } from '@millrace/record'
import type { DeadLetterPatch, PatchedLetter } from '@millrace/runtime'
import type { SourceNode, Topology } from '@millrace/topology'
import type { Letter } from './letter.ts'

/** What is written in place of the record that failed. */
export interface Redriven {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** Why a letter is left as it is. */
export interface LeftAlone {
  readonly why: string
}

/** Loads the function that a file exports by default. */
export async function loadPatch(path: string): Promise<DeadLetterPatch> {
  const file = resolve(path)
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
  if (typeof module.default !== 'function') {
    throw new TypeError(`${file} does not export a function by default.`)
  }
  return module.default as DeadLetterPatch
}

/** As it came, or as the patch makes it, if the source's serdes (and with them its schema) take it. */
export async function redrivenOf(
  letter: Letter,
  topology: Topology,
  patch: DeadLetterPatch | undefined,
): Promise<Redriven | LeftAlone> {
  const { source, operator, key, value } = letter
  if (source === null)
    return { why: `it is a result of ${operator ?? 'an operator'}, and no record` }
  const node = sourceOf(topology, source.topic)
  if (node === undefined) return { why: `the topology reads no topic ${source.topic} from outside` }
  let redriven: Redriven = { key, value }
  if (patch !== undefined) {
    try {
      const { code, message, headers } = letter
      const patched = await patch({ ...source, key, value, headers, code, message })
      if (patched === null) return { why: 'the patch leaves it alone' }
      redriven = { key: bytesOf(patched, 'key', key), value: bytesOf(patched, 'value', value) }
    } catch (error) {
      return { why: `the patch threw: ${textOf(error)}` }
    }
  }
  return (await refusalOf(node, redriven)) ?? redriven
}

function sourceOf(topology: Topology, topic: string): SourceNode | undefined {
  for (const node of topology.nodes.values()) {
    if (node.kind === 'source' && !node.isRepartition && node.topic === topic) return node
  }
  return undefined
}

async function refusalOf(
  node: SourceNode,
  { key, value }: Redriven,
): Promise<LeftAlone | undefined> {
  const { topic } = node
  try {
    await node.keySerde.prepare?.({ topic, part: 'key', isWritten: false })
    await node.valueSerde.prepare?.({ topic, part: 'value', isWritten: false })
    if (key !== null) await decoded(() => node.keySerde.deserialize(key))
    if (value !== null) await decoded(() => node.valueSerde.deserialize(value))
    return undefined
  } catch (error) {
    return { why: `${topic} would refuse it: ${textOf(error)}` }
  }
}

/** Again once what it needs, a schema say, has been fetched. */
async function decoded(decode: () => unknown): Promise<void> {
  try {
    decode()
  } catch (error) {
    if (!isUnresolved(error)) throw error
    await error.resolved
    decode()
  }
}

/** What the patch gives for a part; what it does not name stays. Objects become JSON. */
function bytesOf(
  patched: PatchedLetter,
  part: 'key' | 'value',
  before: Buffer | null,
): Buffer | null {
  if (!(part in patched)) return before
  const content = patched[part]
  if (content === null || content === undefined) return null
  if (Buffer.isBuffer(content)) return content
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
