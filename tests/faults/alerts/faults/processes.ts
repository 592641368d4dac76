// Faults of processes and their group.

import type { AlertFault } from '../alert-fault.ts'
import type { AlertBed } from '../bed/alert-bed.ts'

export const workerStopped: AlertFault = {
  alert: 'MillraceMetricsAbsent',
  title: 'a processor is killed',
  scale: 1,
  async begin(bed) {
    await bed.processor('two').end('SIGKILL')
  },
  async end(bed) {
    await (await bed.start('two')).ready()
  },
}

export const memberGone: AlertFault = {
  alert: 'MillraceTasksMissing',
  title: 'a static member is taken away for good, and nobody has its tasks yet',
  scale: 1,
  bed: { names: [], env: { MILLRACE_SESSION_TIMEOUT: '10m' } },
  async begin(bed) {
    await bed.start('one', { MILLRACE_GROUP_INSTANCE_ID: 'one' })
    await bed.start('two', { MILLRACE_GROUP_INSTANCE_ID: 'two' })
    bed.watch()
    await bed.scene.until('both have tasks', async () => {
      const running = 'count(sum by (instance) (millrace_tasks{state="running"}) == 2) == 2'
      return (await bed.prometheus.query(running)).length > 0
    })
    await bed.processor('two').end('SIGKILL')
    bed.watch('two')
    // How long Prometheus takes to see that a target is gone is its discovery's own.
    await bed.scene.until('it is not scraped any more', async () => {
      return (await bed.prometheus.query('up{job="millrace"}')).length === 1
    })
  },
  async end(bed) {
    const two = await bed.start('two', { MILLRACE_GROUP_INSTANCE_ID: 'two' })
    bed.watch()
    await two.ready()
  },
}

export const workerStuck: AlertFault = {
  alert: 'MillraceThreadBlocked',
  title: 'a function of the topology does not return',
  scale: 1,
  // Its tasks move to the other, which meets the same records.
  also: ['MillraceTasksMissing', 'MillraceTaskStalled'],
  async begin(bed) {
    bed.wrong('blocks')
  },
  async end(bed) {
    bed.wrong('')
  },
}

export const rebalanceStorm: AlertFault = {
  alert: 'MillraceRebalanceStorm',
  title: 'a processor comes and goes',
  scale: 10,
  async begin(bed) {
    const first = await rebalances(bed)
    while ((await rebalances(bed)) - first < 7) {
      // Not scraped: it is never there for long.
      const three = await bed.start('three')
      await three.ready()
      await three.end('SIGTERM')
    }
  },
  async end() {},
}

function rebalances(bed: AlertBed): Promise<number> {
  return bed.processor('one').metric('millrace_rebalances_total')
}
