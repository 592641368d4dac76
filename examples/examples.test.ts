import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exampleNames, readExample } from './example.ts'
import { runOnDriver } from './run-on-driver.ts'

// `vitest -u` writes expected.txt anew: read it before you believe it.

test.each(exampleNames())('%s writes what is expected', async (name) => {
  const output = await runOnDriver(await readExample(name))
  await expect(output).toMatchFileSnapshot(join(import.meta.dirname, name, 'expected.txt'))
})
