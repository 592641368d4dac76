import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { mustRun } from './command.ts'

export interface BaseFolder {
  /** The root of a file system. */
  readonly folder: string
  /** What has to be set in the image. */
  readonly env: Readonly<Record<string, string>>
}

const certificates = '/etc/ssl/certs/ca-certificates.crt'

/**
 * What `node:24-slim` is in essence, made of what can be had without a registry of images: Debian by
 * debootstrap, this very Node, and the npm that started us. Where this machine trusts more authorities
 * than Debian does (a company's proxy), so does the image.
 */
export async function makeBaseFolder(folder: string): Promise<BaseFolder> {
  if (!existsSync(folder)) {
    const aside = `${folder}.new`
    rmSync(aside, { recursive: true, force: true })
    mkdirSync(dirname(folder), { recursive: true })
    const options = ['--variant=minbase', '--include=ca-certificates']
    await mustRun('debootstrap', [...options, await debianRelease(), aside])
    rmSync(join(aside, 'var/cache/apt/archives'), { recursive: true, force: true })
    await addNode(join(aside, 'usr/local'))
    const trusted = process.env['NODE_EXTRA_CA_CERTS']
    if (trusted !== undefined) copyFileSync(trusted, join(aside, certificates))
    renameSync(aside, folder)
  }
  return { folder, env: { NODE_EXTRA_CA_CERTS: certificates } }
}

async function addNode(local: string): Promise<void> {
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true })
  copyFileSync(process.execPath, join(local, 'bin/node'))
  cpSync(await npmFolder(), join(local, 'lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
}

/** Of the npm that started this command, else of the one on the PATH. */
async function npmFolder(): Promise<string> {
  const script = process.env['npm_execpath'] ?? (await mustRun('which', ['npm']))
  return dirname(dirname(await realpath(script)))
}

/** `bookworm`: the release that this machine runs, whose packages are surely at hand. */
async function debianRelease(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8')
  const release = /^ID=debian$/m.test(text) && /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1]
  if (!release) throw new Error('without Docker the base image is made by debootstrap, on Debian')
  return release
}
