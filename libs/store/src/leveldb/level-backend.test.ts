import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { afterAll, describe, expect, test } from 'vitest'
import { runBackendConformance } from '../conformance/backend-conformance.ts'
import { HandleKeeper } from './handle-keeper.ts'
import { findDamage } from './integrity/check-database.ts'
import { LevelBackend } from './level-backend.ts'

const directory = mkdtempSync(join(tmpdir(), 'millrace-store-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

runBackendConformance({
  name: 'LevelDB',
  supports: { reopening: true },
  create: (location) => LevelBackend.open({ location: join(directory, location) }),
})

describe('a state directory', () => {
  test('that another process has open is refused by name, with what to do', async () => {
    const location = join(directory, 'locked')
    const backend = await LevelBackend.open({ location })
    const other = spawnSync(
      process.execPath,
      ['--conditions=source', '--input-type=module', '-e', openElsewhere(location)],
      { encoding: 'utf8', cwd: import.meta.dirname },
    )
    await backend.close()
    expect(other.stdout).toMatch(/^MILLRACE_STORE_LOCKED: /)
    expect(other.stdout).toContain(location)
    expect(other.stdout).toContain('Stop the other process')
  })

  test('that this process has open may be read by another thread', async () => {
    const location = join(directory, 'shared')
    const writer = await LevelBackend.open({ location })
    const reader = await LevelBackend.open({ location })
    await writer.write([{ key: Buffer.from('a'), value: Buffer.from('1') }])
    expect(String(reader.getSync(Buffer.from('a')))).toBe('1')
    await reader.close()
    await writer.close()
  })

  test.each([
    ['whose MANIFEST is gone', (location: string) => rmSync(fileOf(location, /^MANIFEST/))],
    ['whose MANIFEST is garbage', (location: string) => overwrite(fileOf(location, /^MANIFEST/))],
    ['whose CURRENT is garbage', (location: string) => overwrite(fileOf(location, /^CURRENT/))],
    ['of which a table is missing', (location: string) => rmSync(fileOf(location, /\.ldb$/))],
    ['of which a table is cut short', (location: string) => cutShort(fileOf(location, /\.ldb$/))],
    ['whose log has a hole', (location: string) => turnBit(fileOf(location, /\.log$/), 1_000)],
  ])('%s is corrupt, and is not repaired', async (_title, damage) => {
    const location = mkdtempSync(join(directory, 'damaged-'))
    await writeFiles(location)
    damage(location)
    await expect(LevelBackend.open({ location })).rejects.toMatchObject({
      code: 'MILLRACE_STORE_CORRUPT',
      recovery: 'restore-task',
    })
  })

  test('with any bit turned in any file is corrupt, or reads as it was', async () => {
    const intact = mkdtempSync(join(directory, 'intact-'))
    await writeFiles(intact)
    const expected = await contentOf(intact)
    const names = readdirSync(intact).filter((name) => /\.ldb$|^MANIFEST|^CURRENT$/.test(name))
    const outcomes = new Set<string>()
    for (const name of names) {
      const { length } = readFileSync(join(intact, name))
      for (let at = 0; at < length; at += Math.ceil(length / 25)) {
        const location = mkdtempSync(join(directory, 'turned-'))
        cpSync(intact, location, { recursive: true })
        turnBit(join(location, name), at)
        const found = await contentOf(location).catch((error: { code: string }) => error.code)
        outcomes.add(found === expected ? 'as it was' : found)
      }
    }
    outcomes.delete('as it was')
    expect([...outcomes]).toEqual(['MILLRACE_STORE_CORRUPT'])
  })

  test('whose log was torn at the end by a power cut opens with an older state', async () => {
    const location = mkdtempSync(join(directory, 'torn-'))
    await writeFiles(location)
    cutShort(fileOf(location, /\.log$/))
    const backend = await LevelBackend.open({ location })
    expect(backend.getSync(Buffer.from('first'))).toBeDefined()
    expect(backend.getSync(Buffer.from('last'))).toBeUndefined()
    await backend.close()
  })

  test('is read on when whoever opened it first has closed it', async () => {
    const location = join(directory, 'outlived')
    await writeFiles(location)
    // Without a keeper the process dies of it.
    const { stdout, signal } = spawnSync(
      process.execPath,
      ['--conditions=source', '--input-type=module', '-e', outlive(location)],
      { encoding: 'utf8', cwd: import.meta.dirname },
    )
    expect({ stdout, signal }).toEqual({ stdout: 'read\nclosed\n', signal: null })
  })

  test('is held as often as it is asked for, and let go with the last', async () => {
    const location = join(directory, 'held')
    const keeper = new HandleKeeper()
    await Promise.all(['a', 'a', 'b'].map((owner) => keeper.hold(location, owner)))
    await keeper.releaseAll('a')
    expect(await isFree(location)).toBe(false)
    await keeper.release(location, 'b')
    expect(await isFree(location)).toBe(true)
    await expect(keeper.release(location, 'b')).rejects.toThrow('released by those who hold it')
  })

  test('that cannot be opened is not held', async () => {
    const location = join(directory, 'a-file')
    writeFileSync(location, 'no directory')
    const keeper = new HandleKeeper()
    await expect(keeper.hold(location, 'a')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(keeper.release(location, 'a')).rejects.toThrow('released by those who hold it')
  })

  test('is checked without disturbing, and undisturbed by, one who is writing', async () => {
    const location = join(directory, 'busy')
    const writer = await LevelBackend.open({ location, writeBufferSizeBytes: 64 * 1024 })
    const ended = new AbortController()
    const writing = (async () => {
      for (let i = 0; !ended.signal.aborted; i++) {
        const keys = Array.from({ length: 200 }, (_, j) => Buffer.from(`${i % 7}-${j}`))
        await writer.write(keys.map((key) => ({ key, value: Buffer.alloc(100, i) })))
      }
    })()
    for (let i = 0; i < 5; i++) expect(await findDamage(location)).toBeUndefined()
    ended.abort()
    await writing
    await writer.close()
  })
})

function openElsewhere(location: string): string {
  const module = join(import.meta.dirname, 'level-backend.ts')
  return `
    import { LevelBackend } from ${JSON.stringify(module)}
    await LevelBackend.open({ location: ${JSON.stringify(location)} }).catch((error) =>
      console.log(error.message))`
}

function outlive(location: string): string {
  const here = JSON.stringify(location)
  return `
    import { HandleKeeper, LevelBackend } from '../index.ts'
    const keeper = new HandleKeeper()
    const holder = {
      hold: (location) => keeper.hold(location, 'thread'),
      release: (location) => keeper.release(location, 'thread'),
    }
    const first = await LevelBackend.open({ location: ${here}, holder })
    const second = await LevelBackend.open({ location: ${here}, holder })
    await first.close()
    for (let i = 0; i < 1_000; i++) second.getSync(Buffer.from(String(i)))
    console.log('read')
    await second.close()
    console.log('closed')`
}

async function isFree(location: string): Promise<boolean> {
  const database = new ClassicLevel(location)
  try {
    await database.open()
    await database.close()
    return true
  } catch {
    return false
  }
}

/** Tables by reopening (which turns the log into one), and a log of several blocks after them. */
async function writeFiles(location: string): Promise<void> {
  const backend = await LevelBackend.open({ location })
  const keys = Array.from({ length: 1_000 }, (_, i) => Buffer.from(String(i)))
  await backend.write(keys.map((key) => ({ key, value: Buffer.alloc(100, key) })))
  await backend.close()
  const again = await LevelBackend.open({ location })
  await again.write([{ key: Buffer.from('first'), value: Buffer.alloc(50_000) }])
  await again.write([{ key: Buffer.from('last'), value: Buffer.alloc(50_000) }])
  await again.close()
}

async function contentOf(location: string): Promise<string> {
  const backend = await LevelBackend.open({ location })
  const hash = createHash('sha1')
  for await (const [key, value] of backend.entries({})) hash.update(key).update(value)
  await backend.close()
  return hash.digest('hex')
}

/** The newest of the files: an older log may wait for its deletion. */
function fileOf(location: string, pattern: RegExp): string {
  const names = readdirSync(location).filter((entry) => pattern.test(entry))
  return join(location, names.toSorted().at(-1) as string)
}

function overwrite(file: string): void {
  writeFileSync(file, Buffer.alloc(readFileSync(file).length, 0x55))
}

function cutShort(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, bytes.length - 10))
}

function turnBit(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] as number) ^ 0x10
  writeFileSync(file, bytes)
}
