import { MillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { StateBackend } from '@millrace/store'
import { fingerprint, type Topology } from '@millrace/topology'
import { pause } from '../worker/pause.ts'
import type { StreamWorkerOptions } from '../worker/worker-options.ts'
import { judgePlans, planChanged } from './judge-plans.ts'
import { type KeptPlans, readPlans } from './kept-plans.ts'
import { forgetStates, rebuild } from './rebuild.ts'

export interface SettlePlanOptions {
  readonly options: StreamWorkerOptions
  readonly cluster: Cluster
  /** The process' own backend. */
  readonly lock: StateBackend
  isStopAsked(): boolean
}

const otherThreadMs = 100

/**
 * Compares the topology with the plans that ran last, before anything of it is touched.
 *
 * - The changelogs do not fit: rejects with `MILLRACE_RUNTIME_PLAN_CHANGED`, or rebuilds.
 *   With `external` sinks that is refused: `MILLRACE_RUNTIME_REBUILD_EFFECTS`.
 * - They fit, and this disk does not, because another process has rebuilt: what lies here is deleted
 *   and restored.
 *
 * Of the threads of a process, which share the disk, only the first deletes; the others wait for it.
 */
export async function settlePlan(parts: SettlePlanOptions): Promise<KeptPlans> {
  const { options, cluster, lock } = parts
  const { applicationId, backends, clock, logger, topology } = options
  for (;;) {
    const kept = await readPlans(lock, cluster, applicationId)
    const verdict = judgePlans(kept, topology)
    if (verdict.isCompatible && !verdict.isDiskStale) {
      report(verdict.differences, options)
      return kept
    }
    if (!verdict.isCompatible && options.onPlanChange !== 'rebuild') {
      const where = `${applicationId}, ${kept.inCluster === null ? backends.location : 'in Kafka'}`
      throw planChanged(verdict.differences, where)
    }
    if (!verdict.isCompatible) refuseRepeatedEffects(topology)
    if ((options.thread ?? 0) > 0 && !parts.isStopAsked()) {
      await pause(clock, otherThreadMs)
      continue
    }
    if (verdict.isCompatible) {
      logger.warn(
        { stateDirectory: backends.location },
        'another process has rebuilt the application: what lies here is deleted and restored',
      )
      await forgetStates(backends)
    } else if (verdict.before !== null) {
      await rebuild({ cluster, before: verdict.before, topics: options, backends, logger })
    }
    return kept
  }
}

/** A rebuild reads all of history again: nobody is to be mailed twice. */
function refuseRepeatedEffects({ nodes }: Topology): void {
  const external: string[] = []
  for (const node of nodes.values()) {
    if (node.kind === 'sink' && node.effect?.kind === 'external') external.push(node.effect.sink)
  }
  if (external.length === 0) return
  throw new MillraceError('MILLRACE_RUNTIME_REBUILD_EFFECTS', {
    message: `a rebuild would repeat the effects of all of history: sink ${external.join(', sink ')}`,
  })
}

function report(
  differences: readonly string[],
  { logger, topology }: { readonly logger: StreamWorkerOptions['logger']; topology: Topology },
): void {
  for (const text of differences) {
    logger.warn({ fingerprint: fingerprint(topology) }, `plan changed: ${text}`)
  }
}
