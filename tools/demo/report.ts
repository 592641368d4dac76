import type { Verification } from './verify.ts'

const shownDifferences = 10

/** Prints the outcome; the last line is the verdict. Returns the exit code. */
export function report(verification: Verification): number {
  const { records, windows, sessions, journeys, late, deadLetters, differences, surplus } =
    verification
  for (const difference of differences.slice(0, shownDifferences)) console.log(`  ${difference}`)
  if (differences.length > shownDifferences)
    console.log(`  … and ${differences.length - shownDifferences} more`)
  console.log(
    `late records: ${late}, dead letters: ${deadLetters}, counted again after a kill: ${surplus}`,
  )
  console.log(
    `verified: ${count(records)} records, ${count(windows)} windows, ${count(sessions)} sessions, ${count(journeys)} journeys, ${count(differences.length)} differences`,
  )
  return differences.length === 0 ? 0 : 1
}

function count(value: number): string {
  return value.toLocaleString('en')
}
