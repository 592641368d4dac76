// Programs of others that checks need and npm does not have: Debian's and Python's packages, unpacked
// under .cache by the ordinary clients. Nothing is installed on the machine, nothing is started by it.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const cache = join(import.meta.dirname, '../../.cache/packages')

/** The folder that a package was unpacked to, or one sentence that says why there is none. */
export type SystemPackage = { readonly folder: string } | { readonly missing: string }

/** A Debian package without what it depends on: for programs that need the C library only. */
export function debianPackage(name: string): SystemPackage {
  return unpacked(name, (folder) => {
    // A fresh machine has no package lists yet.
    if (!run('apt-get', ['download', name], folder)) {
      run('apt-get', ['update', '--quiet'], folder)
      if (!run('apt-get', ['download', name], folder)) return false
    }
    const file = readdirSync(folder).find((each) => each.endsWith('.deb')) ?? ''
    return run('dpkg-deb', ['--extract', file, '.'], folder)
  })
}

/** A package of PyPI with what it depends on; its programs are in `bin`. */
export function pythonPackage(name: string, version: string): SystemPackage {
  return unpacked(name, (folder) => {
    const args = ['install', '--quiet', '--no-compile', '--target', folder, `${name}==${version}`]
    return run('python3', ['-m', 'pip', ...args], folder)
  })
}

/** Unpacked aside and moved into place at once: what is there is whole, whoever looks. */
function unpacked(name: string, unpack: (folder: string) => boolean): SystemPackage {
  const folder = join(cache, name)
  if (existsSync(folder)) return { folder }
  mkdirSync(cache, { recursive: true })
  const aside = mkdtempSync(join(cache, `.${name}-`))
  try {
    if (!unpack(aside))
      return { missing: `${name} cannot be had here: no package client, or offline` }
    if (!existsSync(folder)) renameSync(aside, folder)
    return { folder }
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function run(command: string, args: readonly string[], cwd: string): boolean {
  return spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0
}
