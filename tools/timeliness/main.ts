// `npm run timeliness`: measures what grace, early results, `for` and objectives cost on the flights data,
// and writes the tables of docs/timeliness.md.

import { writeFileSync } from 'node:fs'
import { documentPath, measuredDocument } from './document.ts'

writeFileSync(documentPath, await measuredDocument())
process.stdout.write('docs/timeliness.md: measured\n')
