import { MemoryBackend, type Store, TaskState } from '@millrace/store'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Agenda, agendaStore } from './agenda.ts'
import type { AgendaEntry, AgendaPage } from './agenda-page.ts'
import { compareEntries } from './entry-heap.ts'

const keys = ['a', 'b', 'é', 'x'.repeat(2_000), 'y'.repeat(2_000), 'z'.repeat(5_000)]

const step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    inMs: fc.integer({ min: 1, max: 90 }),
    key: fc.constantFrom(...keys),
    windowStartMs: fc.constantFrom(-1, 0, 7),
  }),
  fc.record({ kind: fc.constant('advance' as const), byMs: fc.nat(60) }),
  fc.record({ kind: fc.constant('commit' as const) }),
  fc.record({ kind: fc.constant('restart' as const) }),
)

class Run {
  readonly given: AgendaEntry[] = []
  readonly #backend = new MemoryBackend()
  readonly #bucketMs: number
  #state!: TaskState
  agenda!: Agenda

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs
  }

  async restart(): Promise<void> {
    this.#state = await TaskState.open({
      backend: this.#backend,
      stores: [agendaStore('due', 'test')],
      identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
      position: { sourceIndex: 0, offset: 0 },
      cacheRowsMax: 1,
    })
    const store: Store<number, AgendaPage> = this.#state.store('due')
    this.agenda = new Agenda(store, this.#bucketMs)
  }

  async commit(): Promise<void> {
    this.agenda.save()
    const sealed = await this.#state.seal()
    await this.#state.apply(sealed, { inputOffsets: [], changelogOffsets: new Map(), atMs: 0 })
  }

  async pages(): Promise<number> {
    let pages = 0
    for await (const _ of this.#state.entries('due')) pages++
    return pages
  }
}

test('every entry is given out once, in order and when it is due, through commits and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(1, 7, 1_000),
      async (steps, bucketMs) => {
        const run = new Run(bucketMs)
        await run.restart()
        let [nowMs, committedMs] = [0, 0]
        let waiting: AgendaEntry[] = []
        let committed: AgendaEntry[] = []
        const differences: (readonly [given: AgendaEntry[], due: AgendaEntry[]])[] = []
        for (const it of steps) {
          if (it.kind === 'add') {
            const { key, windowStartMs } = it
            const entry = { timeMs: nowMs + it.inMs, windowStartMs, tag: 1, key: Buffer.from(key) }
            run.agenda.add(entry)
            if (!waiting.some((other) => compareEntries(other, entry) === 0)) {
              waiting = waiting.concat(entry)
            }
          } else if (it.kind === 'advance') {
            nowMs += it.byMs
            const due = waiting.filter(({ timeMs }) => timeMs <= nowMs).toSorted(compareEntries)
            waiting = waiting.filter(({ timeMs }) => timeMs > nowMs)
            const given: AgendaEntry[] = []
            for (let e = run.agenda.next(nowMs); e !== undefined; e = run.agenda.next(nowMs)) {
              given.push(e)
            }
            differences.push([given, due])
          } else if (it.kind === 'commit') {
            await run.commit()
            committed = waiting
            committedMs = nowMs
          } else {
            // What was not committed is processed again: here it is forgotten.
            await run.restart()
            waiting = committed
            nowMs = committedMs
          }
        }
        for (const [given, due] of differences) expect(given).toEqual(due)
        expect(run.agenda.next(nowMs)).toBeUndefined()
        while (run.agenda.next(nowMs + 10_000) !== undefined) waiting.pop()
        expect(waiting).toEqual([])
        await run.commit()
        expect(await run.pages()).toBe(0)
      },
    ),
    { numRuns: 150 },
  )
})

test('the first entry can be taken before its time, and leaves no page behind', async () => {
  const run = new Run(100)
  await run.restart()
  const entry = (timeMs: number, key: string) => ({
    timeMs,
    windowStartMs: -1,
    tag: 0,
    key: Buffer.from(key),
  })
  for (const at of [950, 20, 310]) run.agenda.add(entry(at, `k${at}`))
  await run.commit()
  await run.restart()
  expect(run.agenda.first()?.timeMs).toBe(20)
  run.agenda.add(entry(15, 'again'))
  expect(run.agenda.first()?.timeMs).toBe(15)
  expect(run.agenda.first()?.timeMs).toBe(310)
  await run.commit()
  expect(await run.pages()).toBe(1)
  expect(run.agenda.nextAtMs).toBeLessThanOrEqual(950)
  expect(run.agenda.first()?.timeMs).toBe(950)
  expect(run.agenda.first()).toBeUndefined()
})
