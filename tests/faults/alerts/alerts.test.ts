// One of the alerts, from the fault to the webhook; `npm run faults -- alerts` strikes all.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../../tools/kafka/test-kafka.ts'
import { debianPackage } from '../../../tools/test/system-packages.ts'
import { needPackage } from '../../deploy/need-package.ts'
import { poison } from './faults/records.ts'
import { alertReport } from './report.ts'
import { runAlertFault } from './run-alert-fault.ts'

const timeout = 300_000

describeWithKafka('an alert', (brokers) => {
  test('comes and goes as its rule promises, by a real Prometheus and Alertmanager', {
    timeout,
  }, async (context) => {
    const folderOf = (name: string) => needPackage(context, debianPackage(name))
    const programs = {
      prometheus: join(folderOf('prometheus'), 'usr/bin/prometheus'),
      alertmanager: join(folderOf('prometheus-alertmanager'), 'usr/bin/prometheus-alertmanager'),
    }
    const print = (line: string): void => void process.stdout.write(`${line}\n`)
    const measured = await runAlertFault(poison, { brokers, programs, print })
    print(alertReport([measured]))
    // That it comes and goes; how soon, on a machine that does other things, is for the command.
    const { detectedInMs, clearedInMs } = measured
    expect(detectedInMs).toBeDefined()
    expect(clearedInMs).toBeDefined()
  })
})
