// Values of the form `head:tail`, as the cases write them.

/** Before the first colon; null where that is `-`. */
export function head(value: string): string | null {
  const part = value.split(':', 1)[0] as string
  return part === '-' ? null : part
}

/** After the first colon. */
export function tail(value: string): string {
  return value.slice(value.indexOf(':') + 1)
}
