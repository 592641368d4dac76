// `npm test [-- <vitest filters and options>]`: every suite, typecheck and lint among them.
// The last line of the output is `N passed, N failed`, with `, N skipped` where something was.

import { parseCLI, startVitest } from 'vitest/node'
import { ClosingLineReporter } from './closing-line-reporter.ts'
import { closingLine, isGreen } from './tally.ts'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const closing = new ClosingLineReporter()

const vitest = await startVitest(filter, {
  ...options,
  run: true,
  watch: false,
  passWithNoTests: true,
  reporters: ['default', closing],
})
await vitest.close()

const { tally } = closing
for (const reason of closing.skipReasons) process.stdout.write(`skipped: ${reason}\n`)
if (tally.passed + tally.failed === 0)
  process.stdout.write('No test ran: does the filter match a file?\n')
process.stdout.write(`${closingLine(tally)}\n`, () => process.exit(isGreen(tally) ? 0 : 1))
