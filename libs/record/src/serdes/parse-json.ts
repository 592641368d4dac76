import { MillraceError } from '@millrace/errors'
import { decodeUtf8 } from './utf8.ts'

const poison = '__proto__'

/**
 * Parses UTF-8 JSON. An object with a property `__proto__`, at any depth, is refused: `JSON.parse`
 * itself makes a harmless own property of it, but the next `Object.assign` would set a prototype.
 */
export function parseJson(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes, 'json')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
      message: `${bytes.length} bytes are not JSON (${(cause as Error).message})`,
      cause,
    })
  }
  // The walk is for the few texts that could hold the name: in plain, or behind a \u escape.
  if ((text.includes(poison) || text.includes('\\u')) && holdsPoison(value)) {
    throw new MillraceError('MILLRACE_RECORD_INVALID', {
      message: `the JSON has an object with a property ${poison}`,
    })
  }
  return value
}

function holdsPoison(root: unknown): boolean {
  // A stack of our own: JSON.parse accepts nesting deeper than the call stack.
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value !== 'object' || value === null) continue
    if (Object.hasOwn(value, poison)) return true
    for (const inner of Object.values(value)) pending.push(inner)
  }
  return false
}
