import { describe, describeMermaid, fingerprint, planOf } from '@millrace/topology'
import { applicationOf } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import type { Command } from '../command.ts'

/** Says what a topology reads, does, keeps and writes. Asks no cluster. */
export const describeTopology: Command = {
  name: 'describe',
  usage: '[--topology <file>] [--mermaid] [--json]',
  summary:
    'Prints the plan of the topology: sub-topologies, operators, stores, topics, fingerprint.',

  async run(args, terminal) {
    const options = readOptions(args, { ...common, mermaid: { type: 'boolean', default: false } })
    const { topology } = await applicationOf(terminal, options.topology, [
      'applicationId',
      'brokers',
    ])
    if (options.json)
      terminal.out(
        JSON.stringify({
          command: 'describe',
          fingerprint: fingerprint(topology),
          plan: planOf(topology),
        }),
      )
    else terminal.out((options.mermaid ? describeMermaid : describe)(topology).trimEnd())
    return 0
  },
}
