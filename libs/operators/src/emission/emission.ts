import { MillraceError } from '@millrace/errors'
import { type Duration, parseDuration, type Windows } from '@millrace/time'

/**
 * When the results of a windowed aggregation go out:
 *
 * - `'updates'`: what changed, one result a row and commit, or each with `everyUpdate`.
 * - `'final'`: one result a window, when it closes; nothing before, nothing after.
 * - `{ early, final: true }`: besides, what changed every `early` of event time.
 */
export type Emit = 'updates' | 'final' | { readonly early: Duration; readonly final: true }

/** The same, parsed. */
export type Emission =
  | { readonly kind: 'updates'; readonly everyUpdate: boolean }
  | { readonly kind: 'final' }
  | { readonly kind: 'early'; readonly everyMs: number }

export interface EmitOptions {
  readonly emit?: Emit | undefined
  readonly everyUpdate?: boolean | undefined
}

/** Throws `MILLRACE_OPERATORS_EMISSION` for what these windows cannot do. */
export function emissionOf(options: EmitOptions, windows: Windows): Emission {
  const { emit = 'updates', everyUpdate = false } = options
  if (emit === 'updates') return { kind: 'updates', everyUpdate }
  if (windows.kind === 'unlimited') throw impossible('an unlimited window has no final result')
  if (everyUpdate) throw impossible("everyUpdate goes with emit: 'updates' only")
  if (emit === 'final') return { kind: 'final' }
  const everyMs = parseDuration(emit.early, 'early')
  if (everyMs === 0) throw impossible('the interval of early results is 0')
  return { kind: 'early', everyMs }
}

/** Whether the emission, for the plan, is other than updates: `final`, `early every 10s, final`. */
export function describeEmission(emission: Emission): string | undefined {
  if (emission.kind === 'updates') return undefined
  return emission.kind === 'final' ? 'final' : `early every ${emission.everyMs}ms, final`
}

function impossible(message: string): MillraceError {
  return new MillraceError('MILLRACE_OPERATORS_EMISSION', { message })
}
