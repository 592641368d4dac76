import { assert, MillraceError } from '@millrace/errors'
import { type Headers, noHeaders, type Record } from '@millrace/record'
import { parseDuration } from '@millrace/time'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { type CurrentTime, KeyValueStore } from './key-value-store.ts'
import type {
  ForwardedRecord,
  ProcessContext,
  PunctuationOptions,
  RecordProcessor,
} from './process-context.ts'

type Stores = { readonly [name: string]: KeyValueStore<unknown, unknown> }

export interface UserProcessorOptions<K, V, K2, V2> {
  readonly storeNames: readonly string[]
  /** The outputs in the order of the node's children; empty where there is one and no name for it. */
  readonly outputs: readonly string[]
  /** Called once for each task. */
  readonly start: (context: ProcessContext<K2, V2, Stores, string>) => RecordProcessor<K, V>
  /** `processValues`: results have the key of the record under way. */
  readonly keepsKeys: boolean
}

/**
 * An operator in the user's own functions (Kafka Streams' `Processor` API): records in, any
 * records out, with stores, headers, timestamps and punctuations.
 */
export class UserProcessor<K, V, K2, V2> implements Processor<K, V, K2, V2> {
  readonly #options: UserProcessorOptions<K, V, K2, V2>
  readonly #now: CurrentTime = { timestampMs: -1 }
  #user: RecordProcessor<K, V> | undefined
  /** Kept with the first store, so that stream time goes on where it was after a restart. */
  #time: OperatorTime | undefined
  #collector: Collector<K2, V2> | null = null
  #record: Record<K, V> | null = null
  #headers: Headers = noHeaders

  constructor(options: UserProcessorOptions<K, V, K2, V2>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    const { storeNames, start } = this.#options
    const stores = storeNames.map((name) => {
      return [name, new KeyValueStore(context.store(name), this.#now)] as const
    })
    const [first] = storeNames
    this.#time = first === undefined ? undefined : context.time(first)
    this.#user = start({
      taskId: context.taskId,
      stores: Object.fromEntries(stores),
      get streamTimeMs() {
        return context.streamTimeMs
      },
      forward: (record, to) => this.#forward(record, to),
      schedule: (options, punctuate) => this.#schedule(context, options, punctuate),
    })
  }

  process(record: Record<K, V>, collector: Collector<K2, V2>): void {
    assert(this.#user, 'process before init')
    this.#time?.observe(record.timestampMs)
    this.#record = record
    this.#run(record.timestampMs, record.headers, collector, () => this.#user?.process(record))
  }

  close(): void {
    this.#user?.close?.()
  }

  #schedule(
    context: ProcessorContext,
    { every, by }: PunctuationOptions,
    punctuate: (nowMs: number) => void,
  ) {
    const everyMs = parseDuration(every, 'the interval of a punctuation')
    if (everyMs === 0) throw invalid('the interval of a punctuation is 0')
    return context.schedule({ everyMs, by }, (nowMs, collector) => {
      this.#record = null
      this.#run(nowMs, noHeaders, collector, () => punctuate(nowMs))
    })
  }

  #run(
    timestampMs: number,
    headers: Headers,
    collector: Collector<K2, V2>,
    work: () => void,
  ): void {
    this.#now.timestampMs = timestampMs
    this.#headers = headers
    this.#collector = collector
    try {
      work()
    } finally {
      this.#collector = null
      this.#record = null
    }
  }

  #forward(record: ForwardedRecord<K2, V2>, to: string | undefined): void {
    const collector = this.#collector
    if (collector === null) throw invalid('forward() was called while no record is under way')
    const { timestampMs = this.#now.timestampMs, headers = this.#headers, value } = record
    const forwarded: Record<K2, V2> = { key: this.#keyOf(record), value, timestampMs, headers }
    if (to === undefined) return collector.forward(forwarded)
    const child = this.#options.outputs.indexOf(to)
    if (child < 0) throw invalid(`there is no output '${to}'`)
    collector.forwardTo(child, forwarded)
  }

  #keyOf(record: ForwardedRecord<K2, V2>): K2 {
    if (!this.#options.keepsKeys) return record.key
    if (this.#record === null) throw invalid('processValues() cannot forward in a punctuation')
    return this.#record.key as unknown as K2
  }
}

function invalid(message: string): MillraceError {
  return new MillraceError('MILLRACE_OPERATORS_PROCESS', { message })
}
