import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { mavenCommand } from '../kafka/jars.ts'
import { withLock } from '../kafka/lock.ts'
import { run } from '../kafka/process.ts'

const pomFile = join(import.meta.dirname, 'pom.xml')
const version = /<registry\.version>([^<]+)</.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? 'unknown'
const cacheDir = join(import.meta.dirname, '../../.cache/schema-registry')
const installationDir = join(cacheDir, version)

export function isRegistryCached(): boolean {
  return existsSync(installationDir)
}

/** The registry's runnable jar, fetched from Maven Central where it is not here yet. */
export function installRegistry(onProgress: (line: string) => void): Promise<string> {
  return withLock(join(cacheDir, 'install.lock'), async () => {
    if (!isRegistryCached()) {
      onProgress(`Fetching Apicurio Registry ${version} from Maven Central (142 MB, once)…`)
      await unpack()
    }
    const jar = readdirSync(installationDir).find((name) => name.endsWith('-runner.jar'))
    if (jar === undefined) throw new Error(`no runnable jar in ${installationDir}`)
    return join(installationDir, jar)
  })
}

async function unpack(): Promise<void> {
  const partial = `${installationDir}.${process.pid}.partial`
  mkdirSync(partial, { recursive: true })
  try {
    const goal = ['-B', '-ntp', '-f', pomFile, 'dependency:unpack', `-DoutputDirectory=${partial}`]
    await run(mavenCommand, goal, { shell: process.platform === 'win32' })
    renameSync(partial, installationDir)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}
