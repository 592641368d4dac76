// Faults of what comes in.

import { partitionOf, string } from '@millrace/record'
import type { AlertFault } from '../alert-fault.ts'
import { partitions } from '../bed/alert-bed.ts'

const reading = '{"reading":1}'

export const poison: AlertFault = {
  alert: 'MillraceDeadLetterRate',
  title: 'a record cannot be decoded',
  scale: 10,
  async begin(bed) {
    await bed.put({ partition: 0, key: 'p0k0', value: 'not JSON', timestampMs: Date.now() })
  },
  async end() {},
}

const dayMs = 86_400_000

export const oldLetter: AlertFault = {
  alert: 'MillraceDeadLetterOld',
  title: 'nobody looks at a dead letter of two days ago',
  scale: 1,
  async begin(bed) {
    const failedAt = Buffer.from(String(Date.now() - 2 * dayMs))
    const headers = [['millrace.dlq.failed-at', failedAt]] as const
    await bed.put({ partition: 0, key: 'k', value: 'x', timestampMs: Date.now(), headers }, 'dead')
  },
  async end(bed) {
    const topic = bed.scene.topic('dead')
    await bed.scene.cluster.admin.deleteRecords([{ topic, partition: 0, offset: 1 }])
  },
}

const skewMs = 400_000
/** What the rule allows. */
const skewMsMax = 300_000

let skewedAtMs = 0

export const clockSkew: AlertFault = {
  alert: 'MillraceClockSkew',
  title: 'a record comes from over six minutes ahead',
  scale: 1,
  async begin(bed) {
    skewedAtMs = Date.now()
    await bed.put({ partition: 0, key: 'p0k0', value: reading, timestampMs: skewedAtMs + skewMs })
  },
  // The clock catches up.
  async end() {
    return Math.max(Date.now(), skewedAtMs + skewMs - skewMsMax)
  },
}

export const lateRecords: AlertFault = {
  alert: 'MillraceLateDropRatio',
  title: 'every fifth record is ten minutes late',
  scale: 10,
  async begin(bed) {
    bed.feed.oneLateIn = 5
  },
  async end(bed) {
    bed.feed.oneLateIn = 0
  },
}

export const idleSource: AlertFault = {
  alert: 'MillraceWindowsHeld',
  title: 'a source partition falls silent',
  scale: 10,
  bed: { names: ['one'] },
  async begin(bed) {
    bed.feed.silent.add(3)
  },
  async end(bed) {
    bed.feed.silent.clear()
  },
}

export const partitioners: AlertFault = {
  alert: 'MillraceKeyPartitionMismatch',
  title: 'two topics that are joined put one key in different partitions',
  scale: 10,
  bed: { topology: 'joined.ts', names: ['one'] },
  async begin(bed) {
    // The sensors lie where Kafka's own producers put them; the readings do not.
    const keys = Array.from({ length: 200 }, (_, nth) => `p${nth % 4}k${nth}`)
    const sensors = keys.map((key) => {
      const partition = partitionOf(string, Buffer.from(key), partitions)
      return { key, partition, value: reading, timestampMs: Date.now() }
    })
    await bed.scene.feed('sensors', sensors)
  },
  async end(bed) {
    bed.feed.perSecond = 0
  },
}
