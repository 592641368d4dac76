import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { brokerAvailability } from './available.ts'
import { type Broker, startBroker } from './broker.ts'
import { isAlive } from './process.ts'
import { startSecureBroker } from './secure-broker.ts'

describe('a broker of our own', () => {
  const availability = brokerAvailability()
  beforeEach((context) => {
    if (!availability.isAvailable) context.skip(availability.reason)
  })

  test('answers at its address until it is stopped, and leaves nothing behind', async () => {
    const broker = await startBroker()
    const { pid, logFile } = broker
    expect(await apiVersionsError(broker)).toBe(0)

    await broker.stop()

    await expect(apiVersionsError(broker)).rejects.toThrow('ECONNREFUSED')
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(dirname(logFile))).toBe(false)
  })

  test('comes back on the same port after kill -9', async () => {
    await using broker = await startBroker()
    const killed = broker.pid

    await broker.kill()
    expect(isAlive(killed)).toBe(false)
    await broker.restart()

    expect(broker.pid).not.toBe(killed)
    expect(await apiVersionsError(broker)).toBe(0)
  })

  test('says what is wrong with a setting it does not accept', async () => {
    const broker = startBroker({ properties: { 'num.io.threads': 'several' } })
    await expect(broker).rejects.toThrow(/num\.io\.threads/)
  })

  test('with TLS and users listens on two ports more', async () => {
    await using broker = await startSecureBroker()
    expect(await apiVersionsError(broker)).toBe(0)
    expect(new Set([broker.brokers, broker.saslBrokers, broker.mutualTlsBrokers]).size).toBe(3)
  })
})

/** Sends ApiVersions v0 and returns the error code of the answer. */
function apiVersionsError({ brokers }: Pick<Broker, 'brokers'>): Promise<number> {
  const [host, port] = brokers.split(':') as [string, string]
  // size 10 | api key 18 | version 0 | correlation 7 | client id: null
  const request = Buffer.from('0000000a_0012_0000_00000007_ffff'.replaceAll('_', ''), 'hex')
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port) }, () => socket.write(request))
    socket.once('error', reject)
    // size (4) | correlation (4) | error code (2) | …
    socket.once('data', (answer) => {
      socket.destroy()
      resolve(answer.readInt16BE(8))
    })
  })
}
