/** Any value as the text of a label or dedupe key: equal where the values are. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  return typeof value === 'bigint' ? `${value}` : (JSON.stringify(value) ?? 'undefined')
}
