import { json, topology } from 'millrace'
import type { NamedCase } from './named-case.ts'
import { namedDifference } from './named-difference.ts'
import { observe } from './observe.ts'

/** A04: two streams, one aggregate. */
export async function cogrouped(it: NamedCase): Promise<string | null> {
  const serdes = { key: json<string>(), value: json<string>() }
  const add = (text: string, value: string) => text + value
  const program = topology((t) => {
    t.stream('one', serdes)
      .groupByKey()
      .cogroup({ initial: () => '', add })
      .cogroup(t.stream('two', serdes).groupByKey(), add)
      .aggregate({ name: 'both', everyUpdate: true })
      .to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}
