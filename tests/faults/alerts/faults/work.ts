// Faults of the work itself: too slow, in vain, or none.

import type { AlertFault } from '../alert-fault.ts'
import { partitions } from '../bed/alert-bed.ts'

export const stalled: AlertFault = {
  alert: 'MillraceTaskStalled',
  title: 'a record fails and is tried again and again',
  scale: 1,
  bed: { env: { MILLRACE_PROCESSING_RETRIES: '1000', MILLRACE_PROCESSING_RETRY_BACKOFF: '1s' } },
  async begin(bed) {
    bed.wrong('fails')
  },
  async end(bed) {
    bed.wrong('')
    // The next attempt may be a minute away.
    const before = await bed.scene.committed('in')
    await bed.scene.until('all tasks go on', async () => {
      return (await bed.scene.committed('in')).every((offset, at) => offset > (before[at] ?? 0))
    })
  },
}

export const overload: AlertFault = {
  alert: 'MillraceLagRising',
  title: 'records come ten times as fast as they are processed',
  scale: 10,
  bed: { names: ['one'] },
  async begin(bed) {
    bed.wrong('slow')
    bed.feed.perSecond = 100
  },
  async end(bed) {
    bed.wrong('')
    bed.feed.perSecond = 20
    await bed.scene.consumed('in')
  },
}

export const slowBurn: AlertFault = {
  alert: 'MillraceFreshnessBurnSlow',
  title: 'results are older than promised',
  scale: 60,
  isInhibited: true,
  also: ['MillraceFreshnessBurnFast', 'MillraceLagRising'],
  bed: { names: ['one'] },
  async begin(bed) {
    bed.wrong('slow')
  },
  async end(bed) {
    bed.wrong('')
    await bed.scene.consumed('in')
  },
}

export const outputSilent: AlertFault = {
  alert: 'MillraceOutputSilent',
  title: 'a filter lets nothing pass',
  scale: 10,
  async begin(bed) {
    bed.wrong('drops')
  },
  async end(bed) {
    bed.wrong('')
  },
}

export const retention: AlertFault = {
  alert: 'MillraceRetentionHeadroomLow',
  title: 'the log is deleted faster than it is read',
  scale: 10,
  also: ['MillraceLagRising', 'MillraceThreadBlocked'],
  bed: { names: ['one'] },
  async begin(bed) {
    bed.wrong('slow')
    bed.feed.perSecond = 200
    const topic = bed.scene.topic('in')
    // The start of the log follows the reader more closely with each round, while that falls behind.
    void (async () => {
      for (let share = 0.5; share < 0.99; share += 0.01) {
        const committed = await bed.scene.committed('in')
        await bed.scene.cluster.admin.deleteRecords(
          Array.from({ length: partitions }, (_, partition) => ({
            topic,
            partition,
            offset: Math.floor((committed[partition] ?? 0) * share),
          })),
        )
        await new Promise((resolve) => setTimeout(resolve, 2_000))
      }
    })().catch(() => {})
  },
  async end(bed) {
    bed.wrong('')
    bed.feed.perSecond = 20
    await bed.scene.consumed('in')
  },
}
