import { Application } from '../../bed/application.ts'
import { conclude } from '../../bed/conclude.ts'
import { sourcesOf } from '../../bed/progress.ts'
import { SmallDisk } from '../../bed/small-disk.ts'
import type { Fault } from '../../fault.ts'

const sizeMegabytes = 24

/** The disk of the state fills up. Needs the right to mount a small one in memory. */
export const diskFull: Fault = {
  number: 14,
  title: 'no space on the state directory',
  how: `a disk of ${sizeMegabytes} MB in memory, filled; the process ends, and goes on when there is space`,
  guarantee: 'exactly_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    // The reserve would stop it long before: here the disk itself is to say no.
    const env = { MILLRACE_STATE_DISK_RESERVE: '0B' }
    await using app = await Application.open({ run, env })
    using disk = new SmallDisk(app.scene.stateDirectory('one'), sizeMegabytes)
    const problems: string[] = []
    app.feeder.start()
    await app.startAll('one')
    for (let round = 1; round <= run.rounds; round++) {
      await app.feeder.more(400)
      disk.fill()
      const one = app.member('one')
      const { code } = await one.ended(120_000)
      if (code !== 1) problems.push(`it ended with ${code}`)
      if (!one.text.includes('MILLRACE_STORE_IO')) problems.push('it did not name the disk')
      const before = await committed(app)
      await app.feeder.more(400)
      const after = await committed(app)
      if (before !== after) problems.push('something was committed after the failed write')
      disk.free()
      await app.startAll('one')
      run.say(`round ${round}: full, ended with ${code}, went on when there was space`)
    }
    return await conclude(app, { rounds: run.rounds, problems })
  },
}

async function committed(app: Application): Promise<string> {
  const { cluster, name } = app.scene
  const offsets = await cluster.committedOffsets(name, sourcesOf(app), { requireStable: true })
  return JSON.stringify(offsets.map(({ topic, partition, offset }) => [topic, partition, offset]))
}
