import type { Prometheus } from '../prometheus.ts'
import { filledIn, withoutFallback } from '../promql.ts'
import { type AskedQuery, askedQueries } from './dashboard-files.ts'

/** Panels that say that there is none of a defect, or of a fault that a test does not make. */
const quietPanels: ReadonlySet<string> = new Set([
  'Books that do not balance',
  'Books that do not balance, by operator',
  'How long a worker thread has not turned',
  'Tasks that nobody runs',
  'Workers not running',
])

/**
 * The queries of all dashboards that have shown nothing yet. A query has shown something when it answered
 * more than 0, without what stands in for a missing answer; one that is quiet when all is well, also 0.
 */
export class Unanswered {
  readonly #queries = new Set(askedQueries)
  readonly #filling: { readonly rateInterval: string; readonly view: string }

  constructor(view: string) {
    this.#filling = { rateInterval: '10s', view }
  }

  async ask(prometheus: Prometheus): Promise<void> {
    for (const query of this.#queries) {
      const filled = filledIn(withoutFallback(query.expression), this.#filling)
      const values = (await prometheus.query(filled)).map(({ value }) => Number(value[1]))
      if (values.some((value) => value > 0 || (value === 0 && isQuiet(query))))
        this.#queries.delete(query)
    }
  }

  /** Throws with the names of those that are left of these. */
  requireNone(isMeant: (query: AskedQuery) => boolean): void {
    const left = [...this.#queries].filter(isMeant)
    if (left.length === 0) return
    throw new Error(
      left.map((each) => `${each.dashboard}, ${each.panel}: ${each.expression}`).join('\n'),
    )
  }
}

function isQuiet({ panel, expression }: AskedQuery): boolean {
  return quietPanels.has(panel) || expression.includes('millrace_fenced_total')
}
