import type { Tampering } from '../simulated-process.ts'

/**
 * A rule broken on purpose, in the clients that a worker is given: nothing in the product knows of
 * it. Where no seed shows it, the simulation proves nothing.
 */
export interface Canary {
  readonly name: string
  /** The checkers that see it: one of them must. */
  readonly checkers: readonly string[]
  readonly tampering: Tampering
}
