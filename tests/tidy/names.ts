import { keys } from '@millrace/config'
import { errorCatalogue } from '@millrace/errors'
import { metricCatalogue } from '@millrace/telemetry'
import type { Finding, SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'

const settings = Object.values<{ readonly env: string }>(keys).flatMap(({ env }) => [
  env,
  `${env}_FILE`,
])
const upperNames = new Set<string>([...settings, ...Object.keys(errorCatalogue)])
const metricNames = new Set<string>(Object.keys(metricCatalogue))

/** Settings, error codes and metrics that a document or a deployment names and the catalogues do not know. */
export function findUnknownNames({ path, text }: SourceFile): Finding[] {
  if (!/\.(md|ya?ml|env|example)$/.test(path)) return []
  const finding = (match: RegExpExecArray, what: string) =>
    `${path}:${lineOf(text, match.index)} ${what} ${match[0]}`
  return [
    // A name that ends in `_` or `_*` is a prefix, spoken of as such.
    ...[...text.matchAll(/\bMILLRACE_[A-Z0-9_]*[A-Z0-9]\b(?![_*])/g)]
      .filter(([name]) => !upperNames.has(name))
      .map((match) => finding(match, 'unknown setting or error code')),
    // Behind a `#` it is the anchor of a chapter.
    ...[...text.matchAll(/(?<!#)\bmillrace_[a-z0-9_]*[a-z0-9]\b(?![_*:])/g)]
      .filter(
        ([name]) =>
          !metricNames.has(name) && !metricNames.has(name.replace(/_(bucket|sum|count)$/, '')),
      )
      .map((match) => finding(match, 'unknown metric')),
  ]
}

/** Codes that nobody throws, and codes out of order or of no lib. */
export function findIdleErrorCodes(
  codes: readonly string[],
  files: readonly SourceFile[],
): Finding[] {
  const code = files.filter(
    ({ path }) => path.endsWith('.ts') && !path.endsWith('errors/src/catalogue.ts'),
  )
  const layers = new Set(
    code.flatMap(({ path }) => /^(?:libs|services)\/([^/]+)\//.exec(path)?.[1] ?? []),
  )
  return codes.flatMap((name, nth) => {
    const layer = name.split('_')[1]?.toLowerCase() ?? ''
    const previous = codes[nth - 1]
    return [
      ...(code.some(({ text }) => text.includes(`'${name}'`)) ? [] : [`${name} is thrown nowhere`]),
      ...(layers.has(layer) ? [] : [`${name} names no lib`]),
      ...(previous === undefined || previous < name ? [] : [`${name} stands after ${previous}`]),
    ]
  })
}
