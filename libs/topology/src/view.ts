/** What readers look at: the results that an operator keeps under a name. For the metrics of freshness. */
export interface ViewSpec {
  /** The store's. */
  readonly name: string
  /** Left out: nothing is promised, and no alert watches it. */
  readonly freshness?: Freshness | undefined
  /**
   * Event time up to which results are out when the operator's stream time is this, in milliseconds:
   * the same where updates go out, less what has to pass before a window closes.
   */
  readonly resultsThroughMs: (this: void, streamTimeMs: number) => number
}

export interface Freshness {
  /** Results are no older than this, in milliseconds. */
  readonly targetMs: number
  /** In this share of all minutes, above 0 and below 1. */
  readonly objective: number
}
