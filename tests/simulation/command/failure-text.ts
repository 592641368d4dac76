import type { Outcome } from '../seeds/simulation.ts'

const shownDifferences = 3
const shownChars = 300

/** What failed, by how much, and how to see it again; null where nothing did. */
export function failureText({ seed, guarantee, failures, trace }: Outcome): string | null {
  if (failures.length === 0) return null
  const lines = [`seed ${seed}, ${guarantee.replaceAll('_', '-')}, failed (trace ${trace})`]
  for (const { checker, differences } of failures) {
    lines.push(`  ${checker}`)
    for (const difference of differences.slice(0, shownDifferences)) {
      lines.push(`    ${difference.slice(0, shownChars)}`)
    }
    const more = differences.length - shownDifferences
    if (more > 0) lines.push(`    … and ${more} more`)
  }
  lines.push(`  npm run sim -- --seed ${seed} --guarantee ${guarantee}`)
  return lines.join('\n')
}
