// `npm run -s example -- 05`: runs one of the examples in the process and prints what goes in and,
// indented, what comes out; without an argument, what there is.

import { exampleNames, readExample } from './example.ts'
import { runOnDriver } from './run-on-driver.ts'

const [wanted] = process.argv.slice(2)
const name = exampleNames().find((each) => wanted !== undefined && each.startsWith(wanted))
if (name !== undefined) process.stdout.write(await runOnDriver(await readExample(name)))
else {
  console.log(exampleNames().join('\n'))
  process.exitCode = wanted === undefined ? 0 : 1
}
