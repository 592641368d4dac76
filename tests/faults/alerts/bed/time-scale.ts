// Rules with long windows on a shorter time scale: every duration of a rule divided by one number.
// Numbers that are compared with are left alone.

/** A rule of a Prometheus rule file. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly keep_firing_for?: string
  readonly labels?: { readonly [name: string]: string }
  readonly annotations?: { readonly [name: string]: string }
}

/** With the same thresholds, in `1 / scale` of the time. */
export function scaledRule(rule: Rule, scale: number): Rule {
  const { expr, for: lasting, keep_firing_for: kept } = rule
  return {
    ...rule,
    expr: scaledExpression(expr, scale),
    ...(lasting !== undefined && { for: scaledDuration(lasting, scale) }),
    ...(kept !== undefined && { keep_firing_for: scaledDuration(kept, scale) }),
  }
}

function scaledExpression(expression: string, scale: number): string {
  return expression
    .replaceAll(/\[(\w+)(?::(\w+))?\]/g, (_, range: string, step?: string) => {
      const steps = step === undefined ? '' : `:${scaledDuration(step, scale)}`
      return `[${scaledDuration(range, scale)}${steps}]`
    })
    .replaceAll(/\boffset (\w+)/g, (_, by: string) => `offset ${scaledDuration(by, scale)}`)
}

function scaledDuration(text: string, scale: number): string {
  return `${Math.round(durationMs(text) / scale)}ms`
}

const unitMs: { readonly [unit: string]: number } = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 }

/** `90s`, `15m`, `6h`, `3d`. */
export function durationMs(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const ms = unitMs[unit]
  if (count === undefined || ms === undefined) throw new Error(`'${text}' is no duration`)
  return Number(count) * ms
}
