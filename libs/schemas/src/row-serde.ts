import { MillraceError } from '@millrace/errors'
import type { Serde } from '@millrace/record'

/**
 * Values in Millrace's own topics and stores: JSON that also keeps bytes and numbers that are none,
 * so that rows can be read without any registry. What stands for them has a property that begins
 * with `$`; a value's own such properties get a second one.
 */
export const rowSerde: Serde<unknown> = Object.freeze({
  name: 'schema-row',
  serialize: (value: unknown) => Buffer.from(textOf(value), 'utf8'),
  deserialize(bytes: Buffer): unknown {
    try {
      return JSON.parse(bytes.toString('utf8'), revive)
    } catch (cause) {
      throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', { message: 'not a row', cause })
    }
  },
  identity: textOf,
})

function textOf(value: unknown): string {
  return JSON.stringify(value, replace)
}

interface Properties {
  readonly [name: string]: unknown
}

/** Bytes have turned themselves into something else by the time that `shown` is given. */
function replace(this: Properties, name: string, shown: unknown): unknown {
  const value = this[name]
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  return isPlain(shown)
    ? renamed(shown, (each) => (each.startsWith('$') ? `$${each}` : each))
    : shown
}

function revive(_name: string, value: unknown): unknown {
  if (!isPlain(value)) return value
  if (typeof value['$bytes'] === 'string') return Buffer.from(value['$bytes'], 'base64')
  if (typeof value['$number'] === 'string') return Number(value['$number'])
  return renamed(value, (each) => (each.startsWith('$$') ? each.slice(1) : each))
}

function renamed(value: Properties, name: (each: string) => string): Properties {
  const names = Object.keys(value)
  if (!names.some((each) => each.startsWith('$'))) return value
  return Object.fromEntries(names.map((each) => [name(each), value[each]]))
}

function isPlain(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
