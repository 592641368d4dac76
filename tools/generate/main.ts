// `npm run generate`: writes the files that mirror code.

import { writeGeneratedFiles } from './write.ts'

writeGeneratedFiles()
