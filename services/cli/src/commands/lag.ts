import type { Cluster } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { sourceTopicsOf } from '@millrace/runtime'
import type { Topology } from '@millrace/topology'
import { applicationOf, withCluster } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import type { Command } from '../command.ts'
import { type PartitionLag, readLag } from '../lag/read-lag.ts'
import { tableOf } from '../table.ts'

/** How far behind the application is, in records and in time; works while it is down, too. */
export const lag: Command = {
  name: 'lag',
  usage: '[--topology <file>] [--json]',
  summary:
    'Shows how far behind the application is, by partition: in records, and how old the next one is.',

  async run(args, terminal) {
    const options = readOptions(args, common)
    const { config, topology } = await applicationOf(terminal, options.topology)
    const { applicationId } = config
    return withCluster(config, async (cluster) => {
      const partitions = await sourcePartitions(cluster, applicationId, topology)
      const rows = await readLag(cluster, applicationId, partitions, terminal.nowMs())
      const group = await cluster.admin.describeGroup(applicationId)
      if (options.json) {
        terminal.out(JSON.stringify({ command: 'lag', applicationId, group, partitions: rows }))
        return 0
      }
      terminal.out(`Group ${applicationId}: ${group.state}, ${group.memberCount} members`)
      terminal.out(tableOf(head, rows.map(cellsOf)))
      return 0
    })
  },
}

const head = ['topic', 'partition', 'committed', 'end', 'lag, records', 'lag, s', 'headroom']

function cellsOf(row: PartitionLag): readonly (string | number | null)[] {
  const seconds = row.lagSeconds === null ? null : Math.round(row.lagSeconds * 10) / 10
  const { topic, partition, committedOffset, endOffset, lagRecords, headroomRecords } = row
  return [topic, partition, committedOffset, endOffset, lagRecords, seconds, headroomRecords]
}

async function sourcePartitions(
  cluster: Cluster,
  applicationId: string,
  topology: Topology,
): Promise<readonly TopicPartition[]> {
  const topics = new Set(
    topology.subTopologies.flatMap((sub) => sourceTopicsOf(applicationId, sub)),
  )
  const found = await cluster.metadata([...topics])
  return [...found.values()].flatMap(({ topic, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition })),
  )
}
