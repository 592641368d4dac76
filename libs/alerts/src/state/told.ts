import type { AlertRule } from '../rule/alert-rule.ts'
import type { Sample } from '../rule/sample.ts'
import { textOf } from '../rule/text-of.ts'
import type { Told } from './alert-state.ts'

const labelForm = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const taken: ReadonlySet<string> = new Set(['alertname', 'severity'])

/** Asks the user's functions for the texts. Throws what they throw, and for labels that cannot be. */
export function toldOf<K, V>(rule: AlertRule<K, V>, sample: Sample<K, V>): Told {
  const labels: { [name: string]: string } = {}
  const given: { readonly [name: string]: unknown } = rule.labels(sample)
  for (const [name, value] of Object.entries(given)) {
    if (!labelForm.test(name) || taken.has(name)) {
      throw new TypeError(`'${name}' cannot be the name of a label`)
    }
    labels[name] = textOf(value)
  }
  return {
    labels,
    description: textOf(rule.description(sample)),
    isProvisional: sample.isProvisional,
    window: sample.window ?? null,
  }
}
