import type { Evidence } from '../evidence.ts'
import { atTheEnd, both } from './checker.ts'

/** A crash never costs the state: what the cluster has not decided is not on the disk. */
export const stateKept = atTheEnd('state-kept', both, function* (it: Evidence) {
  for (const { process, message, fields } of it.log) {
    if (message.includes('deleted')) {
      const why = fields['reason'] ?? fields['err']
      yield `${process}: ${message}: task ${String(fields['task'])}: ${String(why)}`
    }
  }
})
