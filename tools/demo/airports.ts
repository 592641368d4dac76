import { readFileSync } from 'node:fs'

/** An airport of the data set. */
export interface AirportRow {
  readonly code: string
  readonly name: string
  readonly city: string
  readonly state: string
}

/** The airports of `vega-datasets`, airports.csv: `iata,name,city,state,country,latitude,longitude`. */
export function airportRows(): readonly AirportRow[] {
  const file = new URL('../data/airports.csv', import.meta.resolve('vega-datasets'))
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/).slice(1)
  return lines.map((line) => {
    const [code = '', name = '', city = '', state = ''] = fieldsOf(line)
    return { code, name, city, state }
  })
}

/** The fields of a line; those in quotation marks may hold commas. */
function fieldsOf(line: string): readonly string[] {
  const fields = line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []
  return fields.map((field) => {
    const bare = field.replace(/,$/, '')
    return bare.startsWith('"') ? bare.slice(1, -1).replaceAll('""', '"') : bare
  })
}
