import { MillraceError } from '@millrace/errors'
import type { StateBackend } from '@millrace/store'
import type { Logger } from '@millrace/telemetry'
import { comparePlans, fingerprint, type Plan, planOf, type Topology } from '@millrace/topology'

const planKey = Buffer.from('plan')

/** What the plan kept beside the state says of the topology that is to run. */
export interface PlanVerdict {
  /** Null where nothing was kept. */
  readonly before: Plan | null
  readonly isCompatible: boolean
  /** Sentences, the incompatible ones first. */
  readonly differences: readonly string[]
}

/** Compares the topology with the plan that this process ran last; harmless changes are logged. */
export async function checkPlan(
  process: StateBackend,
  topology: Topology,
  logger: Logger,
): Promise<PlanVerdict> {
  const bytes = process.getSync(planKey)
  if (bytes === undefined) return { before: null, isCompatible: true, differences: [] }
  const before = JSON.parse(bytes.toString('utf8')) as Plan
  const after = planOf(topology)
  const differences = comparePlans(before, after)
  const incompatible = differences.filter(({ severity }) => severity === 'incompatible')
  for (const { text } of differences) {
    if (incompatible.length === 0)
      logger.warn({ fingerprint: fingerprint(after) }, `plan changed: ${text}`)
  }
  const harmless = differences.filter(({ severity }) => severity === 'harmless')
  return {
    before,
    isCompatible: incompatible.length === 0,
    differences: [...incompatible, ...harmless].map(({ text }) => text),
  }
}

/** Keeps the plan for the next start. */
export function keepPlan(process: StateBackend, topology: Topology): Promise<void> {
  return process.write([{ key: planKey, value: Buffer.from(JSON.stringify(planOf(topology))) }])
}

export function planChanged(differences: readonly string[], location: string): MillraceError {
  const list = differences.map((text) => `\n  - ${text}`).join('')
  return new MillraceError('MILLRACE_RUNTIME_PLAN_CHANGED', {
    message: `the topology does not fit the state in ${location}:${list}\n`,
  })
}
