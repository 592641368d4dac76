import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { isMillraceError } from '@millrace/errors'
import { type Command, type Terminal, UsageError } from './command.ts'

/**
 * Finds the command and runs it; `--env-file` and `--help` are every command's. Exit codes: 0 done, 1 refused or failed, 2 the command line or the
 * settings make no sense.
 */
export async function runCommand(
  commands: readonly Command[],
  [name, ...args]: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const isHelp = name === undefined || ['help', '--help', '-h'].includes(name)
  const command = commands.find((each) => each.name === name)
  if (isHelp || command === undefined) {
    const print = isHelp ? terminal.out : terminal.err
    if (!isHelp) print(`There is no command ${name}.`)
    print(help(commands))
    return isHelp ? 0 : 2
  }
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(`Usage: ${usageOf(command)} [--env-file <file>]\n\n${command.summary}`)
    return 0
  }
  try {
    const { rest, env } = withEnvFile(args, terminal.env)
    return await command.run(rest, { ...terminal, env })
  } catch (error) {
    terminal.err(error instanceof Error ? error.message : String(error))
    if (error instanceof UsageError) terminal.err(`Usage: ${usageOf(command)}`)
    const isUsage = error instanceof UsageError || isInvalidConfig(error)
    return isUsage ? 2 : 1
  }
}

/** Takes `--env-file` out of the arguments; what the environment itself says counts more. */
function withEnvFile(
  args: readonly string[],
  env: Terminal['env'],
): { readonly rest: readonly string[]; readonly env: Terminal['env'] } {
  const at = args.findIndex((arg) => arg === '--env-file' || arg.startsWith('--env-file='))
  const [, inline] = args[at]?.split('=', 2) ?? []
  const path = inline ?? args[at + 1]
  if (at < 0) return { rest: args, env }
  if (path === undefined) throw new UsageError('--env-file needs a file')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(`--env-file ${path} cannot be read`)
  }
  const rest = args.toSpliced(at, inline === undefined ? 2 : 1)
  return { rest, env: { ...parseEnv(text), ...env } }
}

function isInvalidConfig(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'MILLRACE_CONFIG_INVALID'
}

function usageOf({ name, usage }: Command): string {
  return `millrace ${name} ${usage}`
}

function help(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [`  ${usageOf(command)}`, `      ${command.summary}`])
  return ['Usage: millrace <command> … [--env-file <file>]', '', ...lines].join('\n')
}
