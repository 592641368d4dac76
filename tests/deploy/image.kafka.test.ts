import { expect, test } from 'vitest'
import { findImageTool } from '../../tools/image/find-tool.ts'
import { tryImage } from '../../tools/image/trial.ts'
import { freePorts } from '../../tools/kafka/ports.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { connect } from '../integration/harness/scene.ts'

const timeout = 900_000

describeWithKafka('the image that the Dockerfile builds', (brokers) => {
  test('processes beside a broker as its own user, and ends well', { timeout }, async (context) => {
    const tool = await findImageTool()
    if ('missing' in tool) return context.skip(tool.missing)
    const image = await tool.build()
    expect(image.user).toBe('10001:10001')
    const cluster = connect(brokers, 'image-test')
    await cluster.connect()
    try {
      const [port] = await freePorts(2)
      expect(await tryImage(image, { brokers, cluster }, port)).toEqual({
        userId: '10001',
        healthCheckCode: 0,
        cliCode: 0,
        canWriteSources: false,
        recordsCommitted: 2_000,
        exitCode: 0,
      })
    } finally {
      await cluster.close()
    }
  })
})
