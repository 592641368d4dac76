import type { Command } from './command.ts'
import { acl } from './commands/acl.ts'
import { alerts } from './commands/alerts.ts'
import { check } from './commands/check.ts'
import { describeTopology } from './commands/describe.ts'
import { dlq } from './commands/dlq.ts'
import { lag } from './commands/lag.ts'
import { reset } from './commands/reset.ts'
import { skip } from './commands/skip.ts'
import { state } from './commands/state.ts'
import { topics } from './commands/topics.ts'

/** Every command, in the order of the help: before a start, while it runs, when something is wrong. */
export const commands: readonly Command[] = [
  check,
  describeTopology,
  topics,
  acl,
  lag,
  state,
  skip,
  dlq,
  reset,
  alerts,
]
