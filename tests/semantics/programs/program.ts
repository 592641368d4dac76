import type { Topology } from 'millrace'

/** The parameters of a case: integers, strings, booleans, null. */
export interface Params {
  number(name: string): number
  text(name: string): string
  flag(name: string): boolean
  /** Undefined where the case says null. */
  optionalNumber(name: string): number | undefined
}

/** A small topology, written with the public language only. */
export interface Program {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** `everyUpdate` false: one result a row and commit. */
  topology(params: Params, options: { readonly everyUpdate: boolean }): Topology
}
