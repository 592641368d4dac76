import type { Evidence } from '../evidence.ts'
import { atTheEnd, both } from './checker.ts'

/** Everything that goes wrong here passes: no worker gives up. */
export const workersStayUp = atTheEnd('workers-stay-up', both, (it: Evidence) => it.failures)
