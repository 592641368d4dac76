/** Rows as text, each column as wide as its widest cell; numbers stand to the right. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const text = (cell: string | number | null): string => (cell === null ? '-' : String(cell))
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => text(row[column] ?? null).length)),
  )
  const isNumeric = head.map((_, column) =>
    rows.every((row) => typeof row[column] === 'number' || row[column] === null),
  )
  const line = (cells: readonly (string | number | null)[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumeric[column] ? text(cell).padStart(width) : text(cell).padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}
