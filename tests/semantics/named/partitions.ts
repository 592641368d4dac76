import { json, topology } from 'millrace'
import { fetchAll, type LoneTask, openLoneTask } from '../../simulation/lone-task.ts'
import { type NamedCase, type NamedResult, type NamedStep, param } from './named-case.ts'

/**
 * P03 to P06: which of a task's partitions is next, and what that does to time. The partitions are
 * two topics of one partition each, as a task reads the same partition of each of its topics.
 */
export async function choiceOfPartitions(it: NamedCase): Promise<string | null> {
  const values = { value: json<number>() }
  const isOne = it.topology === 'one partition queue'
  const program = topology((t) => {
    const one = t.stream('in-1', values)
    const all = isOne ? one : one.merge(t.stream('in-2', values))
    all.to('out')
  })
  const maxTaskIdleMs = param(it, 'maxIdleMs', 0)
  const task = await openLoneTask({ topology: program, maxTaskIdleMs })
  const run = new PartitionsRun(task)
  for (const [after, step] of it.input.entries()) await run.perform(after, step)
  await task.task.close()
  await task.simulated.close()
  return difference(it.expected, run)
}

/** What was seen: records as they were taken, and what held after each step. */
class PartitionsRun {
  readonly taken: NamedResult[] = []
  readonly states = new Map<number, NamedResult>()
  readonly #it: LoneTask

  constructor(it: LoneTask) {
    this.#it = it
  }

  async perform(after: number, step: NamedStep): Promise<void> {
    const { task, simulated, clock } = this.#it
    let ready: boolean | undefined
    if (step.op === 'buffer') {
      for (const timestampMs of step.ts as unknown as readonly number[]) {
        simulated.append(`in-${String(step.partition)}`, 0, {
          value: Buffer.from('0'),
          timestampMs,
        })
      }
      await fetchAll(this.#it)
    } else if (step.op === 'next') {
      for (let n = 0; n < (step.n as number); n++) this.#take()
    } else {
      if ((step.wall as number) > 0) await clock.advance(1)
      ready = this.#take()
    }
    this.states.set(after, { ready, partitionTime: task.queues[0]?.partitionTimeMs })
  }

  #take(): boolean {
    const { task } = this.#it
    const before = task.queues.map(({ recordsOut }) => recordsOut)
    if (task.process(1) === 0) return false
    const nth = task.queues.findIndex(({ recordsOut }, n) => recordsOut > (before[n] as number))
    const ts = task.queues[nth]?.taken.timestampMs as number
    const { streamTimeMs: streamTime } = task.time
    this.taken.push({ partition: nth + 1, ts, streamTime, lateness: streamTime - ts })
    return true
  }
}

function difference(expected: readonly NamedResult[], run: PartitionsRun): string | null {
  let nth = 0
  for (const { after, ...wanted } of expected) {
    const found = after === undefined ? run.taken[nth++] : run.states.get(after)
    for (const [name, value] of Object.entries(wanted)) {
      if (found?.[name] === value) continue
      const place = after === undefined ? `record ${nth - 1}` : `step ${after}`
      return `${place}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(found)}`
    }
  }
  return nth === 0 || nth === run.taken.length ? null : `${run.taken.length} records`
}
