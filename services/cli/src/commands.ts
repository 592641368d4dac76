import type { Command } from './command.ts'
import { skip } from './commands/skip.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [skip]
