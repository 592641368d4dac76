import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mavenCommand } from './jars.ts'

export interface Java {
  /** The executable: from JAVA_HOME, else the one on the PATH. */
  readonly command: string
  /** As Java prints it, for example `17.0.15`. */
  readonly version: string
}

const javaMajorMin = 17

/** The Java to run a broker with; undefined where there is none from version 17 up. */
export function findJava(): Java | undefined {
  const home = process.env.JAVA_HOME
  const ofHome = home === undefined ? undefined : join(home, 'bin', 'java')
  const command = ofHome !== undefined && existsSync(ofHome) ? ofHome : 'java'
  const answer = spawnSync(command, ['-version'], { encoding: 'utf8' })
  const version = /version "([^"]+)"/.exec(answer.stderr ?? '')?.[1]
  if (version === undefined || Number.parseInt(version, 10) < javaMajorMin) return undefined
  return { command, version }
}

/** True where `mvn` answers. */
export function hasMaven(): boolean {
  return (
    spawnSync(mavenCommand, ['--version'], { shell: process.platform === 'win32' }).status === 0
  )
}
