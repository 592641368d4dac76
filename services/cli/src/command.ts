/** What a command is given of the world. */
export interface Terminal {
  readonly env: Readonly<{ [name: string]: string | undefined }>
  readonly nowMs: () => number
  /** Who is at the keyboard, as `user@host`, for audit records. */
  readonly operator: string
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** One verb of the command line, in a file of its own under `commands/`. */
export interface Command {
  readonly name: string
  /** What follows the name. */
  readonly usage: string
  readonly summary: string
  /** Resolves to the exit code: 0 done (a dry run too), 1 refused. Throws `UsageError` for 2. */
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** The command line does not make sense; the usage is printed with it. */
export class UsageError extends Error {}
