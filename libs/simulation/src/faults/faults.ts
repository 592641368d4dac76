import type { Api, Requests } from '../api.ts'

/** One request on its way to a broker. */
export type Call = {
  readonly [A in Api]: {
    readonly api: A
    readonly nodeId: number
    readonly clientId: string
    readonly request: Requests[A]
  }
}[Api]

export type FaultBefore =
  /** The request, and what its client sends after it, arrives later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection breaks before the broker saw the request, or any that is still under way. */
  | { readonly kind: 'disconnect' }
  /** The broker answers an error and does nothing. */
  | { readonly kind: 'error'; readonly errorCode: number }
  /** The broker gets the request twice; the second answer counts. */
  | { readonly kind: 'repeat' }

export type FaultAfter =
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The broker has acted; its answer is lost, and that of every request in flight on the connection. */
  | { readonly kind: 'disconnect' }
  /** The broker has acted and answers an error nevertheless, as after a time-out of its replicas. */
  | { readonly kind: 'error'; readonly errorCode: number }

/**
 * Decides what goes wrong, request by request: `before` is asked when a request is sent, `after`
 * when the broker has acted. It may also move leaders and coordinators or take brokers down, by the
 * cluster's methods. Nothing returned is no fault.
 */
export interface FaultInjector {
  before?(call: Call): FaultBefore | undefined
  after?(call: Call): FaultAfter | undefined
}

export const noFaults: FaultInjector = Object.freeze({})
