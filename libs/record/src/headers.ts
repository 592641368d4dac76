import type { Headers } from './record.ts'

/** The last value of this name, as Kafka's `lastHeader`; undefined where there is none. */
export function header(headers: Headers, name: string): Buffer | null | undefined {
  return headers.findLast(([candidate]) => candidate === name)?.[1]
}

/** The last value of this name as UTF-8 text; undefined where there is none or it is null. */
export function headerText(headers: Headers, name: string): string | undefined {
  return header(headers, name)?.toString('utf8')
}

/** New headers in which this name has exactly this value, at the end. */
export function withHeader(headers: Headers, name: string, value: string | Buffer | null): Headers {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  return [...withoutHeader(headers, name), [name, bytes]]
}

/** New headers without this name. */
export function withoutHeader(headers: Headers, name: string): Headers {
  return headers.filter(([candidate]) => candidate !== name)
}
