import type { AlertFault } from './alert-fault.ts'
import { canaryLost } from './faults/canary.ts'
import { brokerGone, diskLow, restoreHangs } from './faults/cluster.ts'
import { fencing } from './faults/fencing.ts'
import { memberGone, rebalanceStorm, workerStopped, workerStuck } from './faults/processes.ts'
import {
  clockSkew,
  idleSource,
  lateRecords,
  oldLetter,
  partitioners,
  poison,
} from './faults/records.ts'
import { outputSilent, overload, retention, slowBurn, stalled } from './faults/work.ts'

export const alertFaults: readonly AlertFault[] = [
  workerStopped,
  memberGone,
  workerStuck,
  stalled,
  rebalanceStorm,
  brokerGone,
  restoreHangs,
  diskLow,
  poison,
  oldLetter,
  clockSkew,
  lateRecords,
  idleSource,
  partitioners,
  overload,
  slowBurn,
  fencing,
  outputSilent,
  retention,
  canaryLost,
]

/** Alerts that no fault here brings about, and why; promtool proves their rules. */
export const notStruck: { readonly [alert: string]: string } = {
  Watchdog: 'it fires always; the healthy run looks for it',
  MillraceInstanceErrored: 'a processor whose worker has failed ends within seconds',
  MillraceConservationBroken: 'nothing but a defect of the engine brings it about',
}
