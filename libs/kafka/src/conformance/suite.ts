import { assert } from '@millrace/errors'
import type { ExpectStatic, TestAPI } from 'vitest'
import type { ClusterUnderTest, ConformanceOptions } from './cluster-under-test.ts'
import { TestClient } from './test-client.ts'
import type { Conformance, Theme } from './theme.ts'

/** The functions of vitest that the suite is written with; handed in, so that the lib imports no test runner. */
export interface TestFunctions {
  describe(title: string, define: () => void): void
  readonly test: Pick<TestAPI, 'skipIf'>
  readonly expect: ExpectStatic
  beforeAll(setUp: () => Promise<void>): void
  afterAll(tearDown: () => Promise<void>): void
}

/** Opens the cluster before the themes' tests and closes it after them. */
export function defineSuite(
  functions: TestFunctions,
  options: ConformanceOptions,
  themes: { readonly [name: string]: Theme },
): void {
  let cluster: ClusterUnderTest | null = null
  let tests = 0
  const define = ({ title, needs, body }: Conformance): void => {
    const isSkipped = needs !== null && !options.supports[needs]
    tests += 1
    const prefix = `${options.namePrefix}-${tests}`
    functions.test.skipIf(isSkipped)(title, async () => {
      assert(cluster !== null, 'the cluster under test is open before its tests')
      await cluster.run(inClient(cluster, prefix, (client) => body(client, functions.expect)))
    })
  }
  functions.describe(`${options.name} conforms to the cluster port`, () => {
    functions.beforeAll(async () => {
      cluster = await options.open()
    })
    functions.afterAll(async () => cluster?.close())
    for (const [name, theme] of Object.entries(themes)) {
      functions.describe(name, () => theme.forEach(define))
    }
  })
}

/** With names and clients of its own, all closed at the end. */
async function inClient(
  cluster: ClusterUnderTest,
  prefix: string,
  body: (client: TestClient) => Promise<void>,
): Promise<void> {
  const client = new TestClient(cluster, prefix, await cluster.connect())
  try {
    await body(client)
  } finally {
    await client.close()
  }
}
