import { json, topology } from 'millrace'
import type { Program } from './program.ts'

/** What the processor has counted: records of each key and of all, and its own calls by time. */
interface Counts {
  readonly ofKeys: { [key: string]: number }
  total: number
  calls: number
}

function punctuate(by: 'stream-time' | 'wall-clock'): Program {
  return {
    inputs: ['in'],
    outputs: ['out'],
    topology(params) {
      const every = params.number('intervalMs')
      const cancelAfter = params.number('cancelAfter')
      return topology((t) => {
        t.stream('in', { value: json<string>() })
          .process({
            name: 'counter',
            value: json<number>(),
            stores: { counts: { value: json<Counts>() } },
            start({ stores: { counts }, forward, schedule }) {
              const load = () => counts.get('all') ?? { ofKeys: {}, total: 0, calls: 0 }
              const cancel = schedule({ every, by }, () => {
                const all = load()
                const { ofKeys, total } = all
                for (const key of Object.keys(ofKeys).toSorted(byBytes)) {
                  forward({ key, value: ofKeys[key] as number })
                }
                forward({ key: 'total', value: total })
                all.calls++
                counts.put('all', all)
                if (all.calls === cancelAfter) cancel()
              })
              // Started again after it had ended: what is in memory is gone, what is kept is not.
              if (cancelAfter > 0 && load().calls >= cancelAfter) cancel()
              return {
                process({ key }) {
                  const all = load()
                  all.total++
                  if (key !== null) all.ofKeys[key] = (all.ofKeys[key] ?? 0) + 1
                  counts.put('all', all)
                },
              }
            },
          })
          .to('out')
      })
    },
  }
}

function byBytes(left: string, right: string): number {
  return Buffer.from(left).compare(Buffer.from(right))
}

export const punctuateStreamTime = punctuate('stream-time')
export const punctuateWallClock = punctuate('wall-clock')
