import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLog } from './log-reader.ts'
import { type LiveFiles, readManifest } from './manifest.ts'
import { checkTable } from './table-check.ts'

const readingsMax = 20

/**
 * Reads all files of a LevelDB and says what is damaged, as one sentence; `undefined` where nothing
 * is, or where there is no database. Takes about a second for each gigabyte.
 *
 * LevelDB checks tables only with options that classic-level does not have. Without them a turned
 * bit is a missing key, a wrong value or, for some bits, a failed assertion that ends the process.
 */
export async function findDamage(location: string): Promise<string | undefined> {
  let before: string | undefined
  for (let reading = 0; reading < readingsMax; reading++) {
    const damage = await readOnce(location)
    // Where another thread or process works on the files, one may go away between its mention in
    // the MANIFEST and our reading. A second reading does not miss it any more; damage stays.
    if (damage === undefined || damage === before) return damage
    before = damage
  }
  return undefined
}

async function readOnce(location: string): Promise<string | undefined> {
  const current = await readFile(join(location, 'CURRENT'), 'utf8').catch(ifMissing)
  if (current === undefined) return undefined
  const manifest = current.trim()
  if (!/^MANIFEST-\d+$/.test(manifest)) return 'CURRENT names no MANIFEST'
  let live: LiveFiles | undefined
  const damage = await damageOf(location, manifest, (bytes) => {
    live = readManifest(bytes)
  })
  if (live === undefined) return damage
  return (await findDamagedTable(location, live)) ?? findDamagedLog(location, live)
}

async function findDamagedTable(location: string, live: LiveFiles): Promise<string | undefined> {
  const names = new Set(await readdir(location))
  for (const [number, sizeBytes] of live.tables) {
    const [current, old] = [`${padded(number)}.ldb`, `${padded(number)}.sst`]
    const name = names.has(old) && !names.has(current) ? old : current
    const damage = await damageOf(location, name, (bytes) => {
      if (bytes.length !== sizeBytes) {
        throw new RangeError(`${bytes.length} bytes long, not ${sizeBytes}`)
      }
      checkTable(bytes)
    })
    if (damage !== undefined) return damage
  }
  return undefined
}

/** A torn end is no damage in the newest log; in an older one it is a hole before the newest. */
async function findDamagedLog(location: string, live: LiveFiles): Promise<string | undefined> {
  const numbers = (await readdir(location))
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number.parseInt(name, 10))
    .filter((number) => number >= live.logFrom || number === live.previousLog)
    .toSorted((a, b) => a - b)
  for (const number of numbers) {
    const damage = await damageOf(location, `${padded(number)}.log`, (bytes) => {
      const { damagedAt, isTornEnd } = readLog(bytes)
      if (damagedAt === undefined || (isTornEnd && number === numbers.at(-1))) return
      throw new RangeError(`damaged at byte ${damagedAt}`)
    })
    if (damage !== undefined) return damage
  }
  return undefined
}

async function damageOf(
  location: string,
  name: string,
  check: (bytes: Buffer) => void,
): Promise<string | undefined> {
  const bytes = await readFile(join(location, name)).catch(ifMissing)
  if (bytes === undefined) return `${name} is missing`
  try {
    check(bytes)
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return `${name}: ${error.message}`
    throw error
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function padded(number: number): string {
  return String(number).padStart(6, '0')
}
