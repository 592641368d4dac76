import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { Scene } from './harness/scene.ts'

describeWithKafka('the log level of a running processor', (brokers) => {
  test('goes to debug with SIGUSR2 and back with the next, in every thread', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 2, out: 2, late: 1 } })
    const one = scene.processor('counting.ts', 'one', { MILLRACE_THREADS: '2' })
    await one.ready()
    const debugLines = () => one.log().filter(({ level }) => level === 'debug')
    expect(debugLines()).toEqual([])
    one.signal('SIGUSR2')
    const threads = () => new Set(debugLines().map(({ thread }) => thread))
    await scene.until('both threads say more', () => threads().size === 2)
    one.signal('SIGUSR2')
    const levels = () => one.said('Log level changed by SIGUSR2').map(({ logLevel }) => logLevel)
    await scene.until('it was changed back', () => levels().length === 2)
    expect(levels()).toEqual(['debug', 'info'])
    // It has not ended, as it would by a signal that nobody waits for.
    expect(await one.isReady()).toBe(true)
    expect((await one.end('SIGTERM')).code).toBe(0)
  })
})
