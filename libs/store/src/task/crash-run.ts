// What the fold law runs on: a task with two sources and two stores, and a cluster and a machine
// that die at any step of a commit.

import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { number, string } from '@millrace/record'
import type { StateBackend } from '../backend.ts'
import { type ChangelogRecord, stampOf } from '../changelog/changelog-record.ts'
import { LevelBackend } from '../leveldb/level-backend.ts'
import { MemoryBackend } from '../memory/memory-backend.ts'
import { planRestore } from '../restore/restore-plan.ts'
import type { StoreSpec } from '../store.ts'
import type { SealedChanges } from './sealed-changes.ts'
import { TaskState } from './task-state.ts'

const sizeMs = 10
const graceMs = 5

const stores: readonly StoreSpec[] = [
  spec('totals', 'key-value'),
  { ...spec('per-window', 'window'), window: { sizeMs, graceMs } },
]

/** One input record; the task reads its two sources in the order of the list. */
export interface Input {
  readonly source: number
  readonly key: string
  readonly timestampMs: number
  readonly isDelete: boolean
  /** Whether a commit follows. */
  readonly commits: boolean
}

export const crashSteps = ['seal', 'flush', 'half-flushed', 'offsets', 'apply', 'after'] as const

export interface Crash {
  readonly atCommit: number
  /** The step before which the process dies. */
  readonly step: (typeof crashSteps)[number]
  readonly keepsDisk: boolean
  /** Compaction runs over the committed part of the changelog before the restart. */
  readonly compacts: boolean
  /** Tombstones of expired windows are gone, what they removed is not (a slow reader sees this). */
  readonly losesTombstones: boolean
}

/** Where the state of a run lies; a crash leaves it open, and it is found again or wiped. */
interface Disk {
  open(): Promise<StateBackend>
  wipe(): Promise<void>
}

export class MemoryDisk implements Disk {
  #backend = new MemoryBackend()

  async open(): Promise<StateBackend> {
    return this.#backend
  }

  async wipe(): Promise<void> {
    this.#backend = new MemoryBackend()
  }
}

export class LevelDisk implements Disk {
  readonly #location: string
  #backend: LevelBackend | undefined

  constructor(directory: string) {
    this.#location = mkdtempSync(join(directory, 'disk-'))
  }

  async open(): Promise<StateBackend> {
    await this.#backend?.close()
    this.#backend = await LevelBackend.open({ location: this.#location })
    return this.#backend
  }

  async wipe(): Promise<void> {
    await this.#backend?.destroy()
  }
}

/** The cluster and the machine, as far as a state can see them. */
export class CrashRun {
  readonly #log: readonly (Input & { readonly offset: number })[]
  readonly #crashes: Crash[]
  readonly #cacheRowsMax: number
  readonly #expiredRowsMax: number
  /** Changelog topics, with offsets that compaction leaves alone. */
  readonly #changelogs = new Map<string, { offset: number; record: ChangelogRecord }[]>()
  readonly #changelogEnds = new Map<string, number>()
  readonly #disk: Disk
  /** Index of the next input, and the offsets it stands for: what the group has committed. */
  #committedNext = 0
  #commits = 0

  constructor(
    log: readonly Input[],
    crashed: readonly Crash[],
    disk: Disk,
    cache: number,
    expired: number,
  ) {
    this.#disk = disk
    this.#log = log.map((input, i) => {
      const before = log.slice(0, i).filter(({ source }) => source === input.source)
      return { ...input, offset: before.length }
    })
    this.#crashes = [...crashed]
    this.#cacheRowsMax = cache
    this.#expiredRowsMax = expired
    for (const { name } of stores) {
      this.#changelogs.set(name, [])
      this.#changelogEnds.set(name, 0)
    }
  }

  async toEnd(): Promise<readonly string[]> {
    for (;;) {
      const crash = await this.#untilCrash()
      if (crash === undefined) return contentOf(await this.#disk.open())
      if (!crash.keepsDisk) await this.#disk.wipe()
      if (crash.compacts) this.#compact()
      if (crash.losesTombstones) this.#loseTombstones()
    }
  }

  async #untilCrash(): Promise<Crash | undefined> {
    const position = { sourceIndex: 0, offset: -1 }
    const state = await this.#restored(position)
    for (let i = this.#committedNext; i < this.#log.length; i++) {
      const input = this.#log[i] as Input & { offset: number }
      position.sourceIndex = input.source
      position.offset = input.offset
      processInput(state, input)
      if (!input.commits && i < this.#log.length - 1) continue
      const crash = await this.#commit(state, i + 1)
      if (crash !== undefined) return crash
    }
    return undefined
  }

  async #commit(state: TaskState, next: number): Promise<Crash | undefined> {
    const commit = this.#commits++
    const at = this.#crashes.findIndex((crash) => crash.atCommit === commit)
    const crash = at < 0 ? undefined : this.#crashes.splice(at, 1)[0]
    if (crash?.step === 'seal') return crash
    const sealed = await state.seal()
    if (crash?.step === 'flush') return crash
    this.#flush(sealed, crash?.step === 'half-flushed' ? 0.5 : 1)
    if (crash?.step === 'half-flushed' || crash?.step === 'offsets') return crash
    this.#committedNext = next
    if (crash?.step === 'apply') return crash
    await state.apply(sealed, this.#committed())
    return crash
  }

  #flush(sealed: SealedChanges, share: number): void {
    for (const { name, records } of sealed.stores) {
      for (const record of records.slice(0, Math.ceil(records.length * share))) {
        const offset = this.#changelogEnds.get(name) as number
        this.#changelogs.get(name)?.push({ offset, record })
        this.#changelogEnds.set(name, offset + 1)
      }
    }
  }

  async #restored(position: { sourceIndex: number; offset: number }): Promise<TaskState> {
    const state = await TaskState.open({
      backend: await this.#disk.open(),
      stores,
      identity: { applicationId: 'app', taskId: '0_0', fingerprint: 'f' },
      position,
      cacheRowsMax: this.#cacheRowsMax,
      expiredRowsMax: this.#expiredRowsMax,
    })
    const restore = state.restore({
      committedOffsets: [this.#nextOffset(0), this.#nextOffset(1)],
      startedAtMs: 0,
      batchRecordsMax: 2,
    })
    for (const { name } of stores) {
      const logEndOffset = this.#changelogEnds.get(name) as number
      const plan = planRestore({
        recordedOffset: state.positions.changelogOffsets.get(name),
        logStartOffset: 0,
        logEndOffset,
        committedAtMs: state.positions.committedAtMs,
        nowMs: 0,
        deleteRetentionMs: 1_000,
      })
      if (plan.kind === 'none') continue
      const records = (this.#changelogs.get(name) ?? [])
        .filter(({ offset }) => offset >= plan.fromOffset)
        .map(({ offset, record }) => ({ offset, ...record }))
      await restore.apply(name, records, logEndOffset)
    }
    await restore.finish(this.#committed())
    return state
  }

  #committed() {
    return { inputOffsets: [], changelogOffsets: new Map(this.#changelogEnds), atMs: 0 }
  }

  /** Next offset of a source: how many of its records come before the committed position. */
  #nextOffset(source: number): number {
    return this.#log.slice(0, this.#committedNext).filter((input) => input.source === source).length
  }

  #isCommitted(record: ChangelogRecord): boolean {
    const stamp = stampOf(record.headers)
    return stamp !== undefined && stamp.sourceOffset < this.#nextOffset(stamp.sourceIndex)
  }

  /** Within `min.compaction.lag.ms` nothing is compacted, so what is in doubt is not. */
  #compact(): void {
    for (const [name, entries] of this.#changelogs) {
      const last = new Map<string, number>()
      for (const { offset, record } of entries) {
        if (this.#isCommitted(record)) last.set(record.key.toString('latin1'), offset)
      }
      const kept = entries.filter(
        ({ offset, record }) =>
          !this.#isCommitted(record) || last.get(record.key.toString('latin1')) === offset,
      )
      this.#changelogs.set(name, kept)
    }
  }

  #loseTombstones(): void {
    for (const [name, entries] of this.#changelogs) {
      const kept = entries.filter(({ record }) => {
        const isExpired = stampOf(record.headers)?.kind === 'tombstone-expired'
        return !isExpired || !this.#isCommitted(record) || !this.#isGone(name, record)
      })
      this.#changelogs.set(name, kept)
    }
  }

  /** Only tombstones below the recorded expiry may be missed; later ones are recent. */
  #isGone(name: string, tombstone: ChangelogRecord): boolean {
    const metas = (this.#changelogs.get(name) ?? []).filter(
      ({ record }) =>
        record.key.toString().endsWith('expired-through') && this.#isCommitted(record),
    )
    const last = metas.at(-1)?.record.value
    if (!last) return false
    const expiredThroughMs = Number(last.readBigInt64BE(last.length - 8))
    return Number(tombstone.key.readBigInt64BE(1)) <= expiredThroughMs
  }
}

function processInput(state: TaskState, input: Input): void {
  const totals = state.store<string, number>('totals')
  const total = totals.row(input.key)
  total.value = input.isDelete ? null : (total.value ?? 0) + 1
  total.timestampMs = Math.max(total.timestampMs, input.timestampMs)
  totals.changed(total)

  const windows = state.store<string, number>('per-window')
  const streamTimeMs = Math.max(windows.meta('time')?.readDoubleBE() ?? -1, input.timestampMs)
  const time = Buffer.alloc(8)
  time.writeDoubleBE(streamTimeMs)
  windows.setMeta('time', time)
  const startMs = input.timestampMs - (input.timestampMs % sizeMs)
  if (startMs + sizeMs + graceMs > streamTimeMs) {
    const row = windows.row(input.key, startMs)
    row.value = (row.value ?? 0) + input.timestampMs
    row.timestampMs = Math.max(row.timestampMs, input.timestampMs)
    windows.changed(row)
  }
  windows.expireThrough(streamTimeMs - sizeMs - graceMs)
}

/** Everything but the positions, which count the repetitions too. */
async function contentOf(backend: StateBackend): Promise<readonly string[]> {
  const content: string[] = []
  for await (const [key, value] of backend.entries({ gte: Buffer.of(1) })) {
    content.push(`${key.toString('hex')}=${value.toString('hex')}`)
  }
  return content
}

function spec(name: string, kind: StoreSpec['kind']): StoreSpec {
  return {
    name,
    kind,
    keySerde: string,
    valueSerde: number,
    version: 1,
    why: 'test',
  }
}
