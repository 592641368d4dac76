import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')
const copied = ['libs', 'services', 'tests', 'tools', 'package.json']

/** A replacement in one file; the old text stands there exactly once. */
export interface Patch {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The sources in a folder of their own, where they may be made wrong. */
export class SourceCopy {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-mutation-'))

  constructor() {
    const isWanted = (path: string): boolean => !['node_modules', 'dist'].includes(basename(path))
    for (const name of copied) {
      cpSync(join(root, name), join(this.root, name), { recursive: true, filter: isWanted })
    }
    this.#linkModules('node_modules')
  }

  apply({ file, from, to }: Patch): void {
    const path = join(this.root, file)
    const text = readFileSync(path, 'utf8')
    const found = text.split(from).length - 1
    if (found !== 1) throw new Error(`${file} holds the text to replace ${found} times: ${from}`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Packages are the original's; workspaces, which npm links, are the copy's. */
  #linkModules(folder: string): void {
    mkdirSync(join(this.root, folder))
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      const original = join(root, path)
      if (entry.name === '@millrace') this.#linkModules(path)
      else if (!entry.isSymbolicLink()) symlinkSync(original, join(this.root, path))
      else {
        const target = resolve(join(root, folder), readlinkSync(original))
        symlinkSync(target.replace(root, this.root), join(this.root, path))
      }
    }
  }
}
