import { json, type KStream, type StreamJoinOptions, topology } from 'millrace'
import type { Program } from './program.ts'

type Texts = KStream<string | null, string | null>

const joined = (left: string | null, right: string | null) => `${left}+${right}`
const values = { value: json<string>() }

function streamStream(
  join: (left: Texts, right: Texts, options: StreamJoinOptions<string>) => Texts,
): Program {
  return {
    inputs: ['left', 'right'],
    outputs: ['out'],
    topology(params) {
      const within = {
        before: params.number('beforeMs'),
        after: params.number('afterMs'),
        grace: params.number('graceMs'),
      }
      return topology((t) => {
        const [left, right] = [t.stream('left', values), t.stream('right', values)]
        join(left, right, { name: 'pairs', ...within }).to('out')
      })
    },
  }
}

export const streamStreamInner = streamStream((left, right, options) =>
  left.join(right, joined, options),
)

export const streamStreamLeft = streamStream((left, right, options) =>
  left.leftJoin(right, joined, options),
)

export const streamStreamOuter = streamStream((left, right, options) =>
  left.outerJoin(right, joined, options),
)
