import type { Config } from '@millrace/config'
import type { Topology } from '@millrace/topology'
import { applicationOf, withCluster } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import { checkDisk } from '../check/check-disk.ts'
import { checkRights } from '../check/check-rights.ts'
import { checkTopics } from '../check/check-topics.ts'
import { attempt, type Finding, ok } from '../check/finding.ts'
import type { Command, Terminal } from '../command.ts'

/** Holds the settings and the topology against the cluster, before anything is started. Writes nothing to it. */
export const check: Command = {
  name: 'check',
  usage: '[--topology <file>] [--json]',
  summary:
    'Checks settings and topology against the cluster: brokers, rights, topics, retention, replication, disk; exit code 1 with an error.',

  async run(args, terminal) {
    const options = readOptions(args, common)
    const { config, topology } = await applicationOf(terminal, options.topology)
    const findings = [
      ok('settings', 'every setting is known and makes sense'),
      ...(await checkBrokers(config)),
      ...(await attempt('cluster', () => checkCluster(config, topology))),
      ...(await checkDisk(config.stateDirectory)),
    ]
    const errors = findings.filter(({ level }) => level === 'error').length
    if (options.json) terminal.out(JSON.stringify({ command: 'check', findings }))
    else print(terminal, findings)
    return errors > 0 ? 1 : 0
  },
}

/** Each by itself: where one answers, the others are not missed until it is gone. */
async function checkBrokers(config: Config): Promise<readonly Finding[]> {
  const all = config.brokers.map(async (broker) => {
    const findings = await attempt('brokers', () =>
      withCluster({ ...config, brokers: [broker] }, async () => [
        ok('brokers', 'answers, and lets us in'),
      ]),
    )
    return findings.map((finding) => ({ ...finding, message: `${broker}: ${finding.message}` }))
  })
  return (await Promise.all(all)).flat()
}

function checkCluster(config: Config, topology: Topology): Promise<readonly Finding[]> {
  return withCluster(config, async (cluster) => [
    ...(await attempt('topics', () => checkTopics(cluster, config, topology))),
    ...(await attempt('rights', () => checkRights(cluster, config, topology))),
  ])
}

const marks = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' } as const

function print({ out }: Terminal, findings: readonly Finding[]): void {
  for (const { level, check: what, message, remedy } of findings) {
    out(`${marks[level]}  ${what.padEnd(15)}  ${message}`)
    if (remedy !== '') out(`${' '.repeat(26)}→ ${remedy}`)
  }
  const count = (level: Finding['level']): number =>
    findings.filter((finding) => finding.level === level).length
  out(`${count('ok')} ok, ${count('warning')} warnings, ${count('error')} errors`)
}
