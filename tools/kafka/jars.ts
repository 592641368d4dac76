import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './process.ts'

export const mavenCommand = process.platform === 'win32' ? 'mvn.cmd' : 'mvn'

const pomFile = join(import.meta.dirname, 'pom.xml')
const pom = readFileSync(pomFile, 'utf8')

/** The version that `pom.xml` pins. */
export const kafkaVersion = /<kafka\.version>([^<]+)</.exec(pom)?.[1] ?? 'unknown'

/** Git-ignored; everything of one `pom.xml` in one folder. */
export const kafkaCacheDir = join(import.meta.dirname, '../../.cache/kafka')
export const installationDir = join(
  kafkaCacheDir,
  `${kafkaVersion}-${createHash('sha256').update(pom).digest('hex').slice(0, 8)}`,
)

const jarsDir = join(installationDir, 'lib')

export function areJarsCached(): boolean {
  return existsSync(jarsDir)
}

/** Copies the jars from Maven Central, all of them or none. */
export async function fetchJars(): Promise<void> {
  const partial = `${jarsDir}.${process.pid}.partial`
  mkdirSync(partial, { recursive: true })
  try {
    await run(
      mavenCommand,
      [
        '-B',
        '-ntp',
        '-f',
        pomFile,
        'dependency:copy-dependencies',
        `-DoutputDirectory=${partial}`,
        '-DincludeScope=runtime',
      ],
      { shell: process.platform === 'win32' },
    )
    renameSync(partial, jarsDir)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Sorted: a class archive is only accepted under the very class path it was made with. */
export function classPath(): string {
  const jars = readdirSync(jarsDir)
    .filter((name) => name.endsWith('.jar'))
    .toSorted()
  return jars.map((name) => join(jarsDir, name)).join(delimiter)
}
