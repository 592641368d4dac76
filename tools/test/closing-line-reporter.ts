import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node'
import { skipReasons, type Tally, tallyRun } from './tally.ts'

/** Keeps the count of a run for whoever prints it once everything, the broker too, has stopped. */
export class ClosingLineReporter implements Reporter {
  tally: Tally = { passed: 0, failed: 0, skipped: 0 }
  skipReasons: readonly string[] = []

  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    this.tally = tallyRun(modules, errors, reason)
    this.skipReasons = skipReasons(modules)
  }
}
