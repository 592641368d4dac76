import { percent } from './numbers.ts'

const objectives = [0.95, 0.99, 0.995, 0.999]
const minutesPerMonth = 30 * 24 * 60

/** From the rules of deploy/prometheus/rules/freshness.yml: how soon a stop of all results pages, and what is spent by then. */
export function objectiveRows(): readonly (readonly string[])[] {
  return objectives.map((objective) => {
    const allowed = 1 - objective
    // Missed minutes of the last hour above 14.4 times what is allowed, or of the last six above 6 times.
    const hour = Math.floor(14.4 * allowed * 60) + 1
    const sixHours = Math.max(Math.floor(6 * allowed * 360) + 1, Math.floor(6 * allowed * 30) + 1)
    const minutes = Math.min(hour <= 60 ? hour : Number.POSITIVE_INFINITY, sixHours)
    const budget = Math.round(minutesPerMonth * allowed)
    return [percent(objective), `${budget} min`, `${minutes} min`, percent(minutes / budget)]
  })
}

export const objectiveColumns = [
  'objective',
  'may be missed in 30 days',
  'a standstill pages after',
  'of the budget spent by then',
]
