import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findJava, hasMaven } from '../kafka/java.ts'
import { makeRunDir, notePid } from '../kafka/leftovers.ts'
import { freePorts } from '../kafka/ports.ts'
import { ended, hasEnded } from '../kafka/process.ts'
import { installRegistry, isRegistryCached } from './installation.ts'

/** A schema registry of this machine's own, with Confluent's API at `url`. What it holds ends with it. */
export interface RunningRegistry {
  readonly url: string
  /** It no longer answers, and loses nothing: as behind a broken network. */
  hang(): void
  goOn(): void
  stop(): Promise<void>
}

const startMsMax = 90_000
const jvmOptions = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Why none can run here; undefined where one can. */
export function registryMissing(): string | undefined {
  const missing = [
    ...(findJava() === undefined ? ['Java 17'] : []),
    ...(isRegistryCached() || hasMaven() ? [] : ['Maven']),
  ]
  return missing.length === 0
    ? undefined
    : `A schema registry needs ${missing.join(' and ')}, not found here.`
}

export async function startRegistry(onProgress: (line: string) => void): Promise<RunningRegistry> {
  const jar = await installRegistry(onProgress)
  const java = findJava()
  if (java === undefined) throw new Error('A schema registry needs Java 17.')
  const dir = makeRunDir()
  const [port] = await freePorts(2)
  const log = openSync(join(dir, 'console.log'), 'a')
  // The folder in the command line lets a later start know it for ours.
  const own = [
    `-Dmillrace.run=${dir}`,
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.http.port=${port}`,
  ]
  const child = spawn(java.command, [...jvmOptions, ...own, '-jar', jar], {
    stdio: ['ignore', log, log],
    detached: process.platform !== 'win32',
  })
  closeSync(log)
  if (child.pid !== undefined) notePid(dir, child.pid)
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  const stop = async (): Promise<void> => {
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await ended(child)
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  const deadlineMs = Date.now() + startMsMax
  while (!(await answers(url))) {
    if (hasEnded(child) || Date.now() > deadlineMs) {
      const text = readFileSync(join(dir, 'console.log'), 'utf8')
      await stop()
      throw new Error(`The schema registry does not answer.\n${text.slice(-4_000)}`)
    }
    await sleep(100)
  }
  return { url, hang: () => child.kill('SIGSTOP'), goOn: () => child.kill('SIGCONT'), stop }
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/subjects`).catch(() => undefined)
  return response?.ok === true
}
