import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasEnded } from './process.ts'

const retryMs = 40
const probeMsMax = 2_000
const startMsMax = 60_000

interface Starting {
  readonly child: ChildProcess
  readonly port: number
  readonly dir: string
}

/** Resolves once the broker answers; throws with the end of its log when it ends or does not come up. */
export async function waitUntilReady({ child, port, dir }: Starting): Promise<void> {
  const deadlineMs = Date.now() + startMsMax
  while (!(await isReady(port, dir))) {
    if (hasEnded(child)) throw new Error(`The broker ended while starting.\n${logTail(dir)}`)
    if (Date.now() > deadlineMs)
      throw new Error(`The broker did not answer within ${startMsMax / 1_000} s.\n${logTail(dir)}`)
    await sleep(retryMs)
  }
}

/** The port opens a moment before the broker is unfenced; its log says when it is. */
async function isReady(port: number, dir: string): Promise<boolean> {
  const log = join(dir, 'broker.log')
  if (!existsSync(log) || !readFileSync(log, 'utf8').includes('] Kafka Server started'))
    return false
  return answers(port)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (isUp: boolean) => {
      socket.destroy()
      resolve(isUp)
    }
    socket.setTimeout(probeMsMax, () => end(false))
    socket.once('error', () => end(false))
    socket.once('connect', () => end(true))
  })
}

function logTail(dir: string): string {
  return ['console.log', 'broker.log']
    .map((name) => join(dir, name))
    .filter((file) => existsSync(file))
    .map((file) => `--- ${file}\n${readFileSync(file, 'utf8').split('\n').slice(-25).join('\n')}`)
    .join('\n')
}
