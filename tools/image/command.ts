import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { CommandResult } from './image-tool.ts'

/** Started, not waited for: what it writes is kept. */
export class RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<number>
  #output = ''

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { stdio: 'pipe' })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.child.on('error', (error) => {
      this.#output += error.message
    })
    this.ended = once(this.child, 'close').then(
      ([code]) => (typeof code === 'number' ? code : 1),
      () => 127,
    )
  }

  get output(): string {
    return this.#output
  }
}

export async function runCommand(command: string, args: readonly string[]): Promise<CommandResult> {
  const running = new RunningCommand(command, args)
  running.child.stdin?.end()
  return { code: await running.ended, output: running.output }
}

/** Rejects with the end of what it printed where it fails; resolves to its output, trimmed. */
export async function mustRun(command: string, args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand(command, args)
  if (code !== 0) {
    const end = output.trimEnd().split('\n').slice(-15).join('\n')
    throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${end}`)
  }
  return output.trim()
}
