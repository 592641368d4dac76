import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Scene } from './scene.ts'

const main = join(import.meta.dirname, '..', '..', '..', 'services', 'cli', 'src', 'main.ts')

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command line for the scene's application, as an operator beside it would. */
export async function millrace(
  scene: Scene,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    MILLRACE_APPLICATION_ID: scene.name,
    MILLRACE_KAFKA_BROKERS: scene.brokers,
    SCENE: scene.name,
    ...settings,
  }
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], { env })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, err }
}
