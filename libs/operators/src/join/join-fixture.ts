// A join of streams of texts over the real store in memory, for tests.

import { noHeaders, type Record, string } from '@millrace/record'
import { joinWindows } from '@millrace/time'
import type { Collector, Processor } from '@millrace/topology'
import { agendaStore } from '../agenda/agenda.ts'
import { TaskFixture } from '../task-fixture.ts'
import { isPreserved, type JoinKind, type JoinSide } from './join-kind.ts'
import { joinRowsSerde } from './join-rows-serde.ts'
import { joinBucketMs, type StreamStreamJoinOptions } from './stream-stream-join.ts'
import { streamStreamJoin } from './stream-stream-join-side.ts'

export interface JoinInput {
  readonly side: JoinSide
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
}

export interface JoinSettings {
  readonly kind: JoinKind
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
}

export class JoinRun {
  /** `key=left+right@timestamp`, and `late key=value@timestamp`, since the last look. */
  readonly #events: string[] = []
  readonly #options: StreamStreamJoinOptions<string, string, string, string>
  readonly #task: TaskFixture
  #sides!: { readonly [S in JoinSide]: Processor }

  private constructor(
    options: StreamStreamJoinOptions<string, string, string, string>,
    task: TaskFixture,
  ) {
    this.#options = options
    this.#task = task
    this.#begin()
  }

  static async start({ kind, beforeMs, afterMs, graceMs }: JoinSettings): Promise<JoinRun> {
    const windows = joinWindows({ before: beforeMs, after: afterMs, grace: graceMs })
    const sides = (['left', 'right'] as const).filter((side) => isPreserved(kind, side))
    const rows = {
      name: 'rows',
      kind: 'window',
      keySerde: string as never,
      valueSerde: joinRowsSerde(string, string) as never,
      version: 1,
      window: { sizeMs: joinBucketMs(windows), graceMs: 0 },
      why: 'test',
    } as const
    const task = await TaskFixture.open([rows, ...sides.map((side) => agendaStore(side, 'test'))])
    const options: StreamStreamJoinOptions<string, string, string, string> = {
      kind,
      windows,
      joiner: (left, right) => `${left}+${right}`,
      storeName: 'rows',
      unmatchedNames: Object.fromEntries(sides.map((side) => [side, side])),
    }
    return new JoinRun(options, task)
  }

  process({ side, ...record }: JoinInput): void {
    this.#sides[side].process({ ...record, headers: noHeaders }, this.#collector)
  }

  /** Stream time moves without a record. */
  advanceTo(streamTimeMs: number): void {
    this.#task.time('rows').observe(streamTimeMs)
    for (const side of Object.values(this.#sides)) side.advance?.(this.#collector)
  }

  async commit(): Promise<void> {
    for (const side of Object.values(this.#sides)) side.flush?.(this.#collector)
    await this.#task.commit()
  }

  /** Everything in memory is lost; what is committed is there. */
  async restart(): Promise<void> {
    await this.#task.restart()
    this.#begin()
  }

  events(): readonly string[] {
    return this.#events.splice(0)
  }

  storedRows(): Promise<number> {
    return this.#task.storedRows()
  }

  #begin(): void {
    const suppliers = streamStreamJoin(this.#options)
    this.#sides = { left: suppliers.left(), right: suppliers.right() }
    for (const side of Object.values(this.#sides)) side.init?.(this.#task.context)
  }

  readonly #collector: Collector = {
    release: (_key, _timestampMs, send) => send(),
    forward: (record) => this.#events.push(textOf(record)),
    forwardTo: () => {
      throw new Error('a join forwards to all its children')
    },
    late: (record) => this.#events.push(`late ${textOf(record)}`),
    drop: () => {},
  }
}

function textOf({ key, value, timestampMs }: Record<unknown, unknown>): string {
  return `${String(key)}=${String(value)}@${timestampMs}`
}
