import { expect, test } from 'vitest'
import { runClusterConformance } from './run-cluster-conformance.ts'
import type { TestFunctions } from './suite.ts'
import { features, type Supports } from './supports.ts'

/** Defines the suite without running it: which titles would run, which would be skipped. */
function defined(supports: Supports) {
  const run: string[] = []
  const skipped: string[] = []
  const functions = {
    expect,
    describe: (_: string, define: () => void) => define(),
    beforeAll: () => {},
    afterAll: () => {},
    test: {
      skipIf: (isSkipped: boolean) => (title: string) => (isSkipped ? skipped : run).push(title),
    },
  } as unknown as TestFunctions
  runClusterConformance(functions, {
    name: 'nothing',
    namePrefix: 'nothing',
    supports,
    open: () => Promise.reject(new Error('not opened')),
  })
  return { run, skipped }
}

function manifestOf(isSupported: (feature: string) => boolean): Supports {
  return Object.fromEntries(
    features.map((feature) => [feature, isSupported(feature)]),
  ) as unknown as Supports
}

test('with everything supported nothing is skipped', () => {
  const { run, skipped } = defined(manifestOf(() => true))
  expect(skipped).toEqual([])
  expect(new Set(run).size).toBe(run.length)
})

test.for(features)('%s decides over tests of its own', (feature) => {
  const { skipped } = defined(manifestOf((other) => other !== feature))
  expect(skipped.length).toBeGreaterThan(0)
  const others = features.filter((other) => other !== feature)
  for (const other of others) {
    const alsoSkipped = defined(manifestOf((candidate) => candidate !== other)).skipped
    expect(skipped.filter((title) => alsoSkipped.includes(title))).toEqual([])
  }
})
