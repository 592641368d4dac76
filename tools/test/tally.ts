import type { TestModule, TestRunEndReason } from 'vitest/node'

/** How a run ended, in tests. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

type RunErrors = readonly unknown[]

/** Counts a run. What broke outside a test (a file that does not load, a hook, a stray rejection) is a failure too. */
export function tallyRun(
  modules: readonly TestModule[],
  errors: RunErrors,
  reason: TestRunEndReason,
): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const count = (state: string) => tests.filter((test) => test.result().state === state).length
  const suites = modules.flatMap((module) => [...module.children.allSuites()])
  const brokenPlaces = [...modules, ...suites].filter((place) => place.errors().length > 0).length
  // A test that never came to its end was cut off: the run says so, whatever the others did.
  const cutOff = count('pending') + (reason === 'interrupted' ? 1 : 0)
  return {
    passed: count('passed'),
    failed: count('failed') + brokenPlaces + errors.length + cutOff,
    skipped: count('skipped'),
  }
}

/** The last line of `npm test`. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** A run of nothing proves nothing. */
export function isGreen({ passed, failed }: Tally): boolean {
  return failed === 0 && passed > 0
}

/** The reasons that skipped tests gave, each once. */
export function skipReasons(modules: readonly TestModule[]): string[] {
  const notes = modules.flatMap((module) =>
    [...module.children.allTests('skipped')].map((test) => {
      const result = test.result()
      return (result.state === 'skipped' && result.note) || 'no reason given'
    }),
  )
  return [...new Set(notes)]
}
