import { MillraceError } from '@millrace/errors'
import { type OfRecord, route } from '@millrace/operators'
import type { SinkNode } from '@millrace/topology'
import type { StreamPart } from './draft/stream-part.ts'
import type { RoutedSinkOptions, SinkOptions } from './options.ts'

/** Writes to one topic, or to the one of `topics` that a function names for each record. */
export function addSinks<K, V>(
  part: StreamPart<K, V>,
  to: string | OfRecord<K, V, string>,
  options: SinkOptions<K, V> & Partial<RoutedSinkOptions<K, V>>,
): void {
  const { draft } = part
  if (typeof to === 'string') {
    addSink(part, to, part.from, options.name, options)
    return
  }
  const topics = [...new Set(options.topics)]
  if (topics.length === 0) {
    throw new MillraceError('MILLRACE_DSL_INVALID', {
      message: 'to() is given a function and no topics',
      remedy: "Name every topic that it may choose: to(fn, { topics: ['a', 'b'] }).",
    })
  }
  const node = draft.addProcessor(
    {
      operator: 'route',
      name: options.name,
      detail: topics.join(', '),
      functions: [to],
      supplier: () => route(to, topics),
    },
    part.from,
  )
  for (const topic of topics) addSink(part, topic, [node], undefined, options)
}

function addSink<K, V>(
  { draft, key, value }: StreamPart<K, V>,
  topic: string,
  from: readonly string[],
  name: string | undefined,
  options: SinkOptions<K, V>,
): void {
  draft.addSink(
    {
      name,
      topic,
      isRepartition: false,
      keySerde: options.key ?? key,
      valueSerde: options.value ?? value,
      partitioner: options.partitioner as SinkNode['partitioner'],
      headers: options.headers as SinkNode['headers'],
    },
    from,
  )
}
