// `npm run image`: builds the Dockerfile, runs the image beside a broker, and says what it is: its size,
// its user, and that it worked. Exit codes: 0 all well, 1 not, 2 nothing here can build an image.

import { connectToKafka } from '../kafka/connect.ts'
import { freePorts } from '../kafka/ports.ts'
import { findImageTool } from './find-tool.ts'
import { tryImage } from './trial.ts'

const tool = await findImageTool()
if ('missing' in tool) {
  console.error(tool.missing)
  process.exit(2)
}
console.log(`Building the image with ${tool.name}; the first time takes some minutes…`)
const image = await tool.build()
console.log(`size ${(image.sizeBytes / 1e6).toFixed(0)} MB, user ${image.user}`)

const kafka = await connectToKafka({ onProgress: (line) => console.log(line) })
try {
  const [port] = await freePorts(2)
  const trial = await tryImage(image, kafka, port)
  console.log(
    `ran as user ${trial.userId}, ${trial.recordsCommitted} records committed, health check ` +
      `${trial.healthCheckCode}, CLI ${trial.cliCode}, sources ${trial.canWriteSources ? 'WRITABLE' : 'read-only'}, ` +
      `exit code ${trial.exitCode} after SIGTERM`,
  )
  const codes = [trial.healthCheckCode, trial.cliCode, trial.exitCode]
  const isWell = codes.every((code) => code === 0) && !trial.canWriteSources
  process.exitCode = isWell && trial.userId !== '0' ? 0 : 1
} finally {
  await kafka.close()
}
