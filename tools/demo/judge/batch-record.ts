// The judge of the demo: everything computed from whole topics at once, without any of Millrace's code.

/** What the batch needs of one record. */
export interface BatchRecord {
  readonly key: string
  readonly value: string
  readonly timestampMs: number
}

export interface BatchFlight {
  readonly delay: number
  readonly origin: string
  readonly destination: string
}

/** Undefined for a value that is no flight. */
export function flightOf(value: string): BatchFlight | undefined {
  try {
    const row = JSON.parse(value) as Partial<BatchFlight> | null
    if (typeof row?.delay !== 'number') return undefined
    if (typeof row.origin !== 'string' || typeof row.destination !== 'string') return undefined
    return { delay: row.delay, origin: row.origin, destination: row.destination }
  } catch {
    return undefined
  }
}
