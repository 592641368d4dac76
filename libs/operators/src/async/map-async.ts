import { assert } from '@millrace/errors'
import type { Processor, ProcessorContext } from '@millrace/topology'
import { defined } from '../callbacks.ts'

/**
 * A record with the answer of a call that was made ahead of its turn (`AsyncCalls`); throws what the
 * call rejected with, so that it fails like any function.
 */
export function mapAsync<K, V, R>(): Processor<K, V, K, R> {
  let context: ProcessorContext | undefined
  return {
    init(given) {
      context = given
    },
    process({ key, timestampMs, headers }, collector) {
      assert(context, 'the operator is used after init')
      context.answered((answer) => {
        collector.forward({ key, value: defined(answer) as R, timestampMs, headers })
      })
    },
  }
}
