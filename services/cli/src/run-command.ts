import { isMillraceError } from '@millrace/errors'
import { type Command, type Terminal, UsageError } from './command.ts'

/**
 * Finds the command and runs it. Exit codes: 0 done, 1 refused or failed, 2 the command line or the
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
  try {
    return await command.run(args, terminal)
  } catch (error) {
    terminal.err(error instanceof Error ? error.message : String(error))
    if (error instanceof UsageError) terminal.err(`Usage: ${usageOf(command)}`)
    const isUsage = error instanceof UsageError || isInvalidConfig(error)
    return isUsage ? 2 : 1
  }
}

function isInvalidConfig(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'MILLRACE_CONFIG_INVALID'
}

function usageOf({ name, usage }: Command): string {
  return `millrace ${name} ${usage}`
}

function help(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [`  ${usageOf(command)}`, `      ${command.summary}`])
  return ['Usage: millrace <command> …', '', ...lines].join('\n')
}
