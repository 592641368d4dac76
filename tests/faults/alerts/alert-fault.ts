import type { AlertBed, BedOptions } from './bed/alert-bed.ts'

/** Something that goes wrong, and the alert that has to say so in the time that its rule promises. */
export interface AlertFault {
  readonly alert: string
  readonly title: string
  /** The rule's durations are divided by it; 1: as they are. */
  readonly scale: 1 | 10 | 60
  /** Other alerts that rightly fire, too. */
  readonly also?: readonly string[]
  /** Another alert is told instead (inhibition): looked for in Prometheus only. */
  readonly isInhibited?: boolean
  readonly bed?: Pick<BedOptions, 'hasOwnBroker' | 'topology' | 'names' | 'perSecond' | 'env'>
  /** Strikes; resolves to the moment (wall clock, ms) from which the promise counts, where it is not its end. */
  begin(bed: AlertBed): Promise<number | void>
  /** Makes good; the same for the end of the alert. */
  end(bed: AlertBed): Promise<number | void>
}
