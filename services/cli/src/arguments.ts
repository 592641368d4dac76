import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './command.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** Splits a command's arguments; what makes no sense is a `UsageError` that says so. */
export function readArguments<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The same for commands that take options and nothing else. */
export function readOptions<O extends Options>(args: readonly string[], options: O) {
  const { values, positionals } = readArguments(args, options)
  if (positionals.length > 0) throw new UsageError(`'${positionals.join(' ')}' is too much`)
  return values
}

/** What most commands have. */
export const common = {
  json: { type: 'boolean', default: false },
  topology: { type: 'string' },
} as const
