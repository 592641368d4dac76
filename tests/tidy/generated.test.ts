import { expect, test } from 'vitest'
import { generatedFiles } from '../../tools/generate/generated-files.ts'
import { repositoryFiles } from './source-file.ts'

test.each(generatedFiles)('$path is what npm run generate would write', ({ path, make }) => {
  expect(repositoryFiles().find((file) => file.path === path)?.text).toBe(make())
})
