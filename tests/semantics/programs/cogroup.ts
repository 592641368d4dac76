import { json, type KTable, type StreamBuilder, session, topology, tumbling } from 'millrace'
import type { Params, Program } from './program.ts'

type Both = ReturnType<typeof bothOf>

function bothOf(t: StreamBuilder) {
  const left = t.stream('left', { value: json<string>() }).groupByKey()
  const right = t.stream('right', { value: json<string>() }).groupByKey()
  return left
    .cogroup({
      initial: () => '',
      add: (text, value) => `${text}L${value}`,
      merge: (earlier, later) => (earlier === '' ? later : `${earlier}+${later}`),
    })
    .cogroup(right, (text, value) => `${text}R${value}`)
}

type Aggregated = (
  both: Both,
  params: Params,
  everyUpdate: boolean,
) => KTable<unknown, string | null>

function cogrouped(aggregated: Aggregated): Program {
  return {
    inputs: ['left', 'right'],
    outputs: ['out'],
    topology: (params, { everyUpdate }) =>
      topology((t) => aggregated(bothOf(t), params, everyUpdate).to('out')),
  }
}

export const cogroup = cogrouped((both, _params, everyUpdate) =>
  both.aggregate({ name: 'both', everyUpdate }),
)

export const cogroupTumbling = cogrouped((both, params, everyUpdate) =>
  both
    .windowedBy(tumbling({ size: params.number('sizeMs'), grace: params.number('graceMs') }))
    .aggregate({ name: 'both', everyUpdate }),
)

export const cogroupSession = cogrouped((both, params, everyUpdate) =>
  both
    .windowedBy(session({ gap: params.number('gapMs'), grace: params.number('graceMs') }))
    .aggregate({ name: 'both', everyUpdate }),
)
