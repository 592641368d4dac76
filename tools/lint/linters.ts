export interface Linter {
  readonly name: string
  /** Under node_modules/. */
  readonly script: string
  readonly args: readonly string[]
  /** Added to mend what it can; undefined where it cannot. */
  readonly fixArgs?: readonly string[]
}

/** Each looks at something the others do not: defects, layout, and what nobody uses. */
export const linters: readonly Linter[] = [
  { name: 'oxlint', script: 'oxlint/bin/oxlint', args: [], fixArgs: ['--fix'] },
  {
    name: 'biome',
    script: '@biomejs/biome/bin/biome',
    args: ['check', '--max-diagnostics=20'],
    fixArgs: ['--write'],
  },
  { name: 'knip', script: 'knip/bin/knip.js', args: ['--no-progress', '--no-config-hints'] },
]
