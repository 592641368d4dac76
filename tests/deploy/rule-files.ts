import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { yamlDocuments } from './yaml-files.ts'

const folder = 'deploy/prometheus/rules'

/** From the repository's root: all files that deploy/prometheus/prometheus.yml loads. */
export const ruleFiles: readonly string[] = readdirSync(
  join(import.meta.dirname, '../..', folder),
).map((file) => `${folder}/${file}`)

/** `level:metric:operations` of every rule that records. */
export const recordedNames: ReadonlySet<string> = new Set(
  ruleFiles.flatMap((file) => {
    const [{ groups }] = yamlDocuments(file) as [
      { readonly groups: readonly { readonly rules: readonly { readonly record?: string }[] }[] },
    ]
    return groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []))
  }),
)
