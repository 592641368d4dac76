import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTopic } from '../../tools/demo/read-topic.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { Scene } from './harness/scene.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const node24First = [dirname(process.execPath), process.env['PATH']].join(':')
const project = mkdtempSync(join(tmpdir(), 'millrace-user-'))
const topologyFile = join(project, 'topology.ts')

/** The README's topology and its test, in an empty directory with the packed package and Zod. */
beforeAll(async () => {
  const script = join(root, 'tools', 'package', 'main.ts')
  const { stdout } = await run(process.execPath, ['--conditions=source', script], { cwd: root })
  const tarball = stdout.trim()
  writeFileSync(join(project, 'package.json'), '{ "name": "orders", "type": "module" }')
  const zod = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.zod
  await run('npm', ['install', '--no-audit', '--no-fund', tarball, `zod@${zod}`], { cwd: project })
  const [topology = '', itsTest = ''] = runnableBlocks(
    readFileSync(join(root, 'README.md'), 'utf8'),
  )
  writeFileSync(topologyFile, topology)
  writeFileSync(join(project, 'topology.test.ts'), itsTest)
}, 240_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

function runnableBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/```ts runnable\n(.*?)```/gs)].map(([, code]) => code as string)
}

describeWithKafka('the package in a project of its own', (brokers) => {
  test("runs the README's test without a broker", async () => {
    const env = { PATH: node24First }
    const { stdout } = await run(process.execPath, ['--test'], { cwd: project, env })
    expect(stdout).toMatch(/pass 1/)
    expect(stdout).toMatch(/fail 0/)
  })

  test('has types that a strict compiler accepts', async () => {
    const compiler = join(root, 'node_modules', '.bin', 'tsc')
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules', '@types')]
    const { stdout } = await run(compiler, [...options, ...types, topologyFile], {
      cwd: project,
    }).catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  })

  test('is run by the processor from outside the repository', async () => {
    await using scene = await Scene.open({ brokers, topics: {} })
    const configs = { 'retention.ms': '-1' }
    const topics = ['orders', 'orders-late', 'orders-per-customer']
    await scene.cluster.admin.createTopics(
      topics.map((topic) => ({ topic, partitionCount: 2, configs })),
    )
    const processor = scene.processor('', 'state', { MILLRACE_TOPOLOGY: topologyFile })
    await processor.ready()
    const producer = scene.cluster.producer({})
    for (const [index, amount] of [10, 20, 30].entries()) {
      const value = Buffer.from(JSON.stringify({ customer: 'ann', amount }))
      producer.append('orders', index % 2, Buffer.from(`o-${index}`), value, 1_000 * index, [])
    }
    await producer.flush()
    await producer.close()
    await scene.until('the result of all orders', async () => {
      const partitions = await readTopic(scene.cluster, 'orders-per-customer')
      const values = partitions.flat().map(({ value }) => JSON.parse(String(value)))
      return values.some(({ orders, mean }) => orders === 3 && mean === 20)
    })
    expect((await processor.end('SIGTERM')).code).toBe(0)
  })
})
