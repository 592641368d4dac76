import { applicationOf } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import type { Command } from '../command.ts'
import { aclCommand, neededRights } from '../rights/needed-rights.ts'

/** Prints the least rights that the processors need. Asks no cluster. */
export const acl: Command = {
  name: 'acl',
  usage: '[--principal User:<name>] [--topology <file>] [--json]',
  summary:
    'Prints the rights that the processors need, as kafka-acls.sh commands: no more than that.',

  async run(args, terminal) {
    const options = readOptions(args, { ...common, principal: { type: 'string' } })
    const { config, topology } = await applicationOf(terminal, options.topology)
    const rights = neededRights(config, topology)
    const { json, principal = `User:${config.saslUsername ?? config.applicationId}` } = options
    if (json) terminal.out(JSON.stringify({ command: 'acl', principal, rights }))
    else {
      for (const right of rights) {
        terminal.out(`# ${right.why}`)
        terminal.out(aclCommand(right, principal, config.brokers.join(',')))
      }
    }
    return 0
  },
}
