/** The known name with the smallest edit distance (Levenshtein) to a misspelt one. */
export function nearest(name: string, known: readonly string[]): string {
  let best = known[0] ?? ''
  let bestDistance = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

function editDistance(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const replaced = (above[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(
        Math.min(replaced, (above[column] as number) + 1, (current[column - 1] as number) + 1),
      )
    }
    above = current
  }
  return above[right.length] as number
}
