// Faults of what lies around: the broker, the disk.

import { rmSync } from 'node:fs'
import type { RawInput } from '../../../integration/harness/input.ts'
import { SmallDisk } from '../../bed/small-disk.ts'
import type { AlertFault } from '../alert-fault.ts'
import { partitions } from '../bed/alert-bed.ts'

export const brokerGone: AlertFault = {
  alert: 'MillraceFreshnessBurnFast',
  title: 'the broker is gone',
  scale: 60,
  also: ['MillraceTasksMissing', 'MillraceInstanceErrored'],
  bed: { hasOwnBroker: true },
  async begin(bed) {
    await bed.broker.kill()
  },
  async end(bed) {
    await bed.broker.restart()
    await Promise.all(['one', 'two'].map((name) => bed.processor(name).ready()))
  },
}

const rowsToRestore = 300_000

function readings(from: number, to: number): RawInput[] {
  const at = { value: '{"reading":1}', timestampMs: Date.now() }
  return Array.from({ length: to - from }, (_, nth) => {
    return { ...at, partition: nth % partitions, key: `k${from + nth}` }
  })
}

export const restoreHangs: AlertFault = {
  alert: 'MillraceRestoreStuck',
  title: 'the broker stands still while a state is restored',
  scale: 10,
  also: ['MillraceTasksMissing', 'MillraceMetricsAbsent'],
  bed: { hasOwnBroker: true, names: ['one'] },
  async begin(bed) {
    // Enough to be caught restoring.
    for (let from = 0; from < rowsToRestore; from += 50_000) {
      await bed.scene.feed('in', readings(from, from + 50_000))
    }
    await bed.scene.consumed('in')
    await bed.processor('one').end('SIGTERM')
    rmSync(bed.scene.stateDirectory('one'), { recursive: true })
    const one = await bed.start('one')
    await bed.scene.until('it restores', async () => {
      return (await one.metric('millrace_restore_remaining_records')) > 0
    })
    process.kill(bed.broker.pid, 'SIGSTOP')
  },
  async end(bed) {
    process.kill(bed.broker.pid, 'SIGCONT')
    await bed.processor('one').ready()
  },
}

let disk: SmallDisk | undefined

export const diskLow: AlertFault = {
  alert: 'MillraceStateDiskLow',
  title: 'less than a gibibyte is left on the disk of the state',
  scale: 1,
  bed: { names: [], env: { MILLRACE_STATE_DISK_RESERVE: '0B' } },
  async begin(bed) {
    disk = new SmallDisk(bed.scene.stateDirectory('one'), 1_100)
    bed.scene.atEnd(async () => disk?.[Symbol.dispose]())
    const one = await bed.start('one')
    bed.watch()
    await one.ready()
    disk.fill(120)
  },
  async end() {
    disk?.free()
  },
}
