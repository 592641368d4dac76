// `npm run docs`: writes the references that mirror code; `-- --check` writes nothing. Then the documents are
// held to the code. Exit 1 where one is wrong; the last line is `N passed, N failed`.

import { parseArgs } from 'node:util'
import { writeGeneratedFiles } from '../../tools/generate/write.ts'
import { documentChecks } from './document-checks.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
if (values.check !== true) writeGeneratedFiles()

let failed = 0
for (const { title, findings } of documentChecks) {
  const found = findings()
  if (found.length > 0) failed += 1
  console.log(`${found.length > 0 ? 'FAILED' : 'passed'}  ${title}`)
  for (const finding of found) console.log(`        ${finding}`)
}
console.log(`${documentChecks.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
