import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { keys } from '@millrace/config'
import { errorCatalogue } from '@millrace/errors'
import { metricCatalogue } from '@millrace/telemetry'
import { generatedFiles } from '../../tools/generate/generated-files.ts'
import { findDeadLinks } from './documents.ts'
import { findUnknownNames } from './names.ts'
import { findMissingRows, findMissingRunbooks } from './references.ts'
import { type Finding, repositoryFiles, root, type SourceFile } from './source-file.ts'

/** What the documents promise about the code; `npm run docs -- --check` and `npm test` hold them to it. */
export interface DocumentCheck {
  readonly title: string
  readonly findings: () => readonly Finding[]
}

const codes = Object.keys(errorCatalogue)
const metrics = Object.keys(metricCatalogue)
const settings = Object.values(keys).map(({ env }) => env)

export const documentChecks: readonly DocumentCheck[] = [
  ...generatedFiles.map(({ path, make }) => ({
    title: `${path} is what npm run generate would write`,
    findings: () => (fileAt(path).text === make() ? [] : [`${path} is not: npm run generate`]),
  })),
  {
    title: 'every error code has a runbook',
    findings: () => findMissingRunbooks(fileAt('docs/operations/errors.md'), codes),
  },
  {
    title: 'every metric has a row',
    findings: () => findMissingRows(fileAt('docs/metrics.md'), metrics),
  },
  {
    title: 'every setting has a row',
    findings: () => findMissingRows(fileAt('docs/configuration.md'), settings),
  },
  {
    title: 'documents and deployments name only settings, error codes and metrics that exist',
    findings: () => repositoryFiles().flatMap(findUnknownNames),
  },
  {
    title: 'every link leads somewhere',
    findings: () =>
      documents().flatMap((document) =>
        findDeadLinks(document, (path) => existsSync(join(root, path))),
      ),
  },
]

function documents(): readonly SourceFile[] {
  return repositoryFiles().filter(({ path }) => path.endsWith('.md'))
}

function fileAt(path: string): SourceFile {
  return repositoryFiles().find((file) => file.path === path) ?? { path, text: '' }
}
