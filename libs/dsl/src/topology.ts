import { MillraceError } from '@millrace/errors'
import type { Topology } from '@millrace/topology'
import { Draft } from './draft/draft.ts'
import { StreamBuilder } from './stream-builder.ts'

/**
 * A topology, written in the function: what topics are read, what is done with their records, and
 * where the results go. The function runs once, at once; the result is plain frozen data, to be
 * the default export of a topology's file.
 *
 * ```ts
 * export default topology((t) => {
 *   t.stream('flights', { value: json(Flight), nullValues: 'drop' })
 *     .filter((flight) => !flight.isCancelled)
 *     .groupByKey()
 *     .windowedBy(tumbling({ size: '15m', grace: '5m' }))
 *     .aggregate({
 *       name: 'flights-per-origin',
 *       of: { flights: count(), meanDelay: mean((flight) => flight.delay) },
 *     })
 *     .to('flights-per-origin')
 * })
 * ```
 *
 * Throws `MILLRACE_DSL_…` and `MILLRACE_TOPOLOGY_…` for a topology that cannot be run.
 */
export function topology(define: (t: StreamBuilder) => void): Topology {
  const draft = new Draft()
  const returned: unknown = define(new StreamBuilder(draft))
  if (typeof returned === 'object' && returned !== null && 'then' in returned) {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: 'the function given to topology() is asynchronous',
      remedy: 'Await what it needs before the call: the function only says what is to be done.',
    })
  }
  return draft.finish()
}
