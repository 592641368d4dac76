import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from '../generate/table.ts'
import { earlyColumns, measureEarly } from './measure-early.ts'
import { forColumns, measureFor } from './measure-for.ts'
import { graceColumns, measureGrace } from './measure-grace.ts'
import { objectiveColumns, objectiveRows } from './objectives.ts'

export const documentPath = join(import.meta.dirname, '../../docs/timeliness.md')

/** The guide with its tables measured anew: each stands behind the comment that names it. */
export async function measuredDocument(): Promise<string> {
  const tables: { readonly [name: string]: string } = {
    grace: table(graceColumns, await measureGrace()),
    early: table(earlyColumns, await measureEarly()),
    for: table(forColumns, await measureFor()),
    objectives: table(objectiveColumns, objectiveRows()),
  }
  return readFileSync(documentPath, 'utf8').replaceAll(
    /(<!-- measured: (\w+) -->\n\n)(?:\|[^\n]*\n)*/g,
    (_, head: string, name: string) => `${head}${tables[name] ?? ''}\n`,
  )
}
