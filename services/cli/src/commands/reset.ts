import { stateDirectory } from '@millrace/runtime'
import { applicationOf, withCluster } from '../application.ts'
import { common, readOptions } from '../arguments.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { executeReset, planReset, type ResetPlan, type Target } from '../reset/plan-reset.ts'

/** Has the application begin anew; says first what that means. */
export const reset: Command = {
  name: 'reset',
  usage: '[--to earliest|latest|<ISO time>] [--yes] [--topology <file>] [--json]',
  summary:
    'Makes a stopped application begin anew: offsets set back, internal topics and local state deleted. Without --yes only looks.',

  async run(args, terminal) {
    const options = readOptions(args, {
      ...common,
      to: { type: 'string', default: 'earliest' },
      yes: { type: 'boolean', default: false },
    })
    const target = targetOf(options.to)
    const { config, topology } = await applicationOf(terminal, options.topology)
    const { applicationId } = config
    const backends = stateDirectory(config.stateDirectory, applicationId)
    return withCluster(config, async (cluster) => {
      const plan = await planReset(cluster, applicationId, topology, backends, target)
      const isDone = options.yes && plan.refusal === null
      if (isDone) await executeReset(cluster, plan, backends)
      if (options.json) terminal.out(JSON.stringify({ command: 'reset', ...plan, isDone }))
      else print(terminal, plan, isDone)
      return plan.refusal === null ? 0 : 1
    })
  },
}

function targetOf(text: string): Target {
  if (text === 'earliest' || text === 'latest') return text
  const timestampMs = Date.parse(text)
  if (Number.isNaN(timestampMs))
    throw new UsageError(
      `--to ${text} is neither earliest, latest nor a time such as 2026-01-31T12:00:00Z`,
    )
  return { timestampMs }
}

function print({ out, err }: Terminal, plan: ResetPlan, isDone: boolean): void {
  out(`Reset of ${plan.applicationId}`)
  for (const { topic, partition, offset } of plan.offsets)
    out(`  read on      ${topic}[${partition}] at ${offset}`)
  for (const topic of plan.topics) out(`  delete topic ${topic}`)
  for (const name of plan.states) out(`  delete state ${plan.stateDirectory}/${name}`)
  for (const { sink, kind } of plan.effects) {
    out(
      `  write again  sink ${sink} (${kind}): what is read again; what waits in its outbox is lost`,
    )
  }
  out('  left as is   output topics, skips, and state on other machines (delete it there)')
  if (plan.refusal !== null) err(`Refused: ${plan.refusal}.`)
  else if (isDone) out('Done. Results that were written stay: what is read again is written again.')
  else out('Dry run: nothing was changed. Repeat with --yes to do it.')
}
