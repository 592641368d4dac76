import { ownedTopicsOf, type Topology } from '@millrace/topology'

/** What a series is about: results for readers, a replay of them, or the probes of the canary. */
export type Lane = 'live' | 'replay' | 'canary'

/** The lane of what goes through a topic. */
export class Lanes {
  readonly #owned: ReadonlySet<string>

  constructor(topology: Topology) {
    this.#owned = new Set(ownedTopicsOf(topology))
  }

  of(topic: string): Lane {
    return this.#owned.has(topic) ? 'canary' : 'live'
  }
}
