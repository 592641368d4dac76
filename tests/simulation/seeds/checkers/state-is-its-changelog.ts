import type { StateBackend } from '@millrace/store'
import { applicationId } from '../application.ts'
import type { Evidence } from '../evidence.ts'
import { rowValueAt } from '../row-format.ts'
import { type Checker, exactlyOnce } from './checker.ts'

const identityKey = '\0identity'
const positionsKey = '\0positions'

/** Exactly once: on the disk of each task's owner lies the fold of its changelogs, byte for byte. */
export const stateIsItsChangelog: Checker = {
  name: 'state-is-its-changelog',
  guarantees: exactlyOnce,
  start: () => ({ differences }),
}

async function differences(it: Evidence): Promise<readonly string[]> {
  const found: string[] = []
  for (const [task, { disk, name }] of it.owners) {
    const backend = disk.read(task)
    if (backend === undefined) continue
    const partition = Number(task.split('_')[1])
    const rows = await contentOf(backend)
    for (const [store, id] of storesOf(rows)) {
      const folded = fold(it, `${applicationId}-${store}-changelog`, partition)
      for (const difference of compare(folded, ofStore(rows, id))) {
        found.push(`task ${task} on ${name}, store ${store}: ${difference}`)
      }
    }
    found.push(...positionDifferences(it, rows).map((each) => `task ${task} on ${name}: ${each}`))
  }
  return found
}

async function contentOf(backend: StateBackend): Promise<ReadonlyMap<string, Buffer>> {
  const rows = new Map<string, Buffer>()
  for await (const [key, value] of backend.entries({})) rows.set(key.toString('latin1'), value)
  return rows
}

function storesOf(rows: ReadonlyMap<string, Buffer>): readonly (readonly [string, number])[] {
  const identity = rows.get(identityKey)
  if (identity === undefined) return []
  const { stores } = JSON.parse(identity.subarray(rowValueAt).toString()) as {
    stores: readonly (readonly [string, { id: number }])[]
  }
  return stores.map(([name, { id }]) => [name, id])
}

/** The rows of a store, by their key in the changelog. */
function ofStore(rows: ReadonlyMap<string, Buffer>, id: number): ReadonlyMap<string, Buffer> {
  const prefix = String.fromCharCode(id)
  return new Map(
    [...rows].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(1), value] as const] : [],
    ),
  )
}

function fold(it: Evidence, topic: string, partition: number): ReadonlyMap<string, Buffer> {
  const folded = new Map<string, Buffer>()
  for (const { key, value } of it.cluster.readAll(topic, partition)) {
    const name = key?.toString('latin1') ?? ''
    if (value === null) folded.delete(name)
    else folded.set(name, value)
  }
  return folded
}

function* compare(
  folded: ReadonlyMap<string, Buffer>,
  stored: ReadonlyMap<string, Buffer>,
): Iterable<string> {
  for (const key of new Set([...folded.keys(), ...stored.keys()])) {
    const [want, have] = [folded.get(key), stored.get(key)]
    if (want !== undefined && have !== undefined && want.equals(have)) continue
    yield `${JSON.stringify(key)} is ${text(have)}, in the changelog ${text(want)}`
  }
}

/** What the state has read is what the group has committed. */
function positionDifferences(it: Evidence, rows: ReadonlyMap<string, Buffer>): readonly string[] {
  const positions = rows.get(positionsKey)
  if (positions === undefined) return []
  const { inputOffsets } = JSON.parse(positions.subarray(rowValueAt).toString()) as {
    inputOffsets: readonly (readonly [string, number, number])[]
  }
  return inputOffsets.flatMap(([topic, partition, offset]) => {
    const committed = Math.max(0, it.cluster.committedOffset(applicationId, topic, partition))
    if (offset === committed) return []
    return [`has read ${topic}-${partition} up to ${offset}, committed is ${committed}`]
  })
}

function text(row: Buffer | undefined): string {
  return row === undefined ? 'nothing' : row.subarray(rowValueAt).toString()
}
