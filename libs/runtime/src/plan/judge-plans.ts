import { MillraceError } from '@millrace/errors'
import { comparePlans, type Plan, planOf, type Topology } from '@millrace/topology'
import type { KeptPlans } from './kept-plans.ts'

/** What the kept plans say of the topology that is to run. */
export interface PlanVerdict {
  /** The plan that the changelogs were written by; null where none was kept. */
  readonly before: Plan | null
  /** The changelogs fit the topology. */
  readonly isCompatible: boolean
  /** The changelogs fit, and what lies on this disk is from before they did. */
  readonly isDiskStale: boolean
  /** Sentences, the incompatible ones first. */
  readonly differences: readonly string[]
}

export function judgePlans({ onDisk, inCluster }: KeptPlans, topology: Topology): PlanVerdict {
  const after = planOf(topology)
  const before = inCluster ?? onDisk
  const differences = before === null ? [] : comparePlans(before, after)
  const incompatible = differences.filter(({ severity }) => severity === 'incompatible')
  const harmless = differences.filter(({ severity }) => severity === 'harmless')
  const isCompatible = incompatible.length === 0
  return {
    before,
    isCompatible,
    isDiskStale: isCompatible && onDisk !== null && !fits(onDisk, after),
    differences: [...incompatible, ...harmless].map(({ text }) => text),
  }
}

/** `where` the state is that does not fit. */
export function planChanged(differences: readonly string[], where: string): MillraceError {
  const list = differences.map((text) => `\n  - ${text}`).join('')
  return new MillraceError('MILLRACE_RUNTIME_PLAN_CHANGED', {
    message: `the topology does not fit the state of ${where}:${list}\n`,
  })
}

function fits(before: Plan, after: Plan): boolean {
  return comparePlans(before, after).every(({ severity }) => severity !== 'incompatible')
}
