import type { AsyncCalls, LateTopic, Processor, ViewSpec } from '@millrace/topology'

/** What an operator of the language tells the draft about its node. */
export interface DraftProcessor {
  /** Generated from the operator where left out. */
  readonly name?: string | undefined
  readonly operator: string
  readonly supplier: () => Processor
  readonly detail?: string | undefined
  readonly stores?: readonly string[]
  readonly globalTables?: readonly string[] | undefined
  readonly late?: LateTopic | undefined
  readonly calls?: AsyncCalls | undefined
  readonly view?: ViewSpec | undefined
  /** The user's functions in it. */
  readonly functions?: readonly unknown[]
}
