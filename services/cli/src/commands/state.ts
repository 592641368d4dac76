import { stateDirectory } from '@millrace/runtime'
import { settingsOf } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import type { Command, Terminal } from '../command.ts'
import { readStates, type TaskReport } from '../state/read-state.ts'
import { tableOf } from '../table.ts'

/** What lies in the state directory of this machine. Asks no cluster, and changes nothing. */
export const state: Command = {
  name: 'state',
  usage: '[--json]',
  summary:
    'Shows the state on this disk: tasks, stores, rows, bytes and positions. A running processor has it locked.',

  async run(args, terminal) {
    const { json } = readOptions(args, { json: common.json })
    const config = settingsOf(terminal, ['topology', 'brokers'])
    const backends = stateDirectory(config.stateDirectory, config.applicationId)
    const isTask = (name: string): boolean => /^\d+_\d+$/.test(name)
    const names = (await backends.list()).filter(isTask)
    const tasks = await readStates(
      backends,
      names.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })),
    )
    const { location } = backends
    if (json) terminal.out(JSON.stringify({ command: 'state', location, tasks: tasks.map(plain) }))
    else print(terminal, location, tasks)
    return tasks.some(({ problem }) => problem !== null) ? 1 : 0
  },
}

/** A Map would be printed as {}. */
function plain({ state: report, ...rest }: TaskReport): unknown {
  if (report === null) return { ...rest, state: null }
  const { changelogOffsets, ...positions } = report.positions
  return {
    ...rest,
    state: {
      ...report,
      positions: { ...positions, changelogOffsets: Object.fromEntries(changelogOffsets) },
    },
  }
}

function print(terminal: Terminal, location: string, tasks: readonly TaskReport[]): void {
  if (tasks.length === 0) return terminal.out(`There is no state in ${location}.`)
  terminal.out(`State in ${location}`)
  const rows = tasks.flatMap(({ task, state: report }) =>
    (report?.stores ?? []).map(({ name, kind, version, rows: count, sizeBytes }) => [
      task,
      name,
      kind,
      version,
      count,
      sizeBytes,
      report?.positions.changelogOffsets.get(name) ?? null,
    ]),
  )
  const head = ['task', 'store', 'kind', 'version', 'rows', 'bytes', 'changelog']
  if (rows.length > 0) terminal.out(tableOf(head, rows))
  for (const { task, state: report } of tasks) {
    if (report === null) continue
    const inputs = report.positions.inputOffsets.map(
      ({ topic, partition, offset }) => `${topic}[${partition}]@${offset}`,
    )
    const at = new Date(report.positions.committedAtMs).toISOString()
    terminal.out(`${task}: committed ${at}, next ${inputs.join(', ')}`)
  }
  for (const { task, problem } of tasks)
    if (problem !== null) terminal.err(`${task}: ${problem.code}: ${problem.message}`)
}
