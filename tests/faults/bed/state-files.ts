import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LevelBackend } from '@millrace/store'
import type { Application } from './application.ts'

/** Where the LevelDB of one task lies. */
export function taskDirectory(app: Application, state: string, task: string): string {
  return join(app.scene.stateDirectory(state), app.scene.name, task)
}

/** What can be done to the files of a LevelDB that nobody has open. */
export const damages = {
  'a bit turned in a table': (dir: string) => turnBit(dir, /\.ldb$/, 0.3),
  'CURRENT overwritten': (dir: string) => writeFileSync(join(dir, 'CURRENT'), 'MANIFEST-9\n'),
  'a bit turned in the MANIFEST': (dir: string) => turnBit(dir, /^MANIFEST-/, 0.5),
  'a bit turned in the log': (dir: string) => turnBit(dir, /\.log$/, 0.1),
  'the log cut short': (dir: string) => {
    const log = fileOf(dir, /\.log$/)
    truncateSync(log, Math.floor(readFileSync(log).length * 0.7))
  },
} as const

/** Writes to or deletes from the database itself, past everything that guards it. */
export async function overwrite(dir: string, key: string, value: Buffer | null): Promise<void> {
  const backend = await LevelBackend.open({ location: dir })
  await backend.write([{ key: Buffer.from(key), value }])
  await backend.close()
}

export async function readEntry(dir: string, key: string): Promise<Buffer> {
  const backend = await LevelBackend.open({ location: dir })
  const value = backend.getSync(Buffer.from(key))
  await backend.close()
  if (value === undefined) throw new Error(`${dir} has no ${key}`)
  return value
}

function turnBit(dir: string, name: RegExp, at: number): void {
  const file = fileOf(dir, name)
  const bytes = readFileSync(file)
  const index = Math.floor(bytes.length * at)
  bytes[index] = (bytes[index] ?? 0) ^ 4
  writeFileSync(file, bytes)
}

/** The largest of these. */
function fileOf(dir: string, name: RegExp): string {
  const files = readdirSync(dir)
    .filter((file) => name.test(file))
    .map((file) => join(dir, file))
  const [largest] = files.toSorted((a, b) => readFileSync(b).length - readFileSync(a).length)
  if (largest === undefined) throw new Error(`${dir} has no file like ${name}`)
  return largest
}
