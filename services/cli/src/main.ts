#!/usr/bin/env node
// `millrace <command> …`: what an operator does to a running application, from beside it.

import { hostname, userInfo } from 'node:os'
import { commands } from './commands.ts'
import { runCommand } from './run-command.ts'

process.exitCode = await runCommand(commands, process.argv.slice(2), {
  env: process.env,
  nowMs: Date.now,
  operator: `${userInfo().username}@${hostname()}`,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
})
